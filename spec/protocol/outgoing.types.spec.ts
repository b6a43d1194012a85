import { describe, test } from '@jest/globals';
import type { Outgoing, ServerRequestAnswers } from 'codex-rx';
import { expectTypeOf } from 'expect-type';

type Approval = ServerRequestAnswers['item/fileChange/requestApproval'];
type ToolAnswer = ServerRequestAnswers['item/tool/call'];

describe('what is sent to Codex', () => {
  test('is exactly what the schema lists', () => {
    expectTypeOf<Approval['decision']>().toEqualTypeOf<
      'accept' | 'acceptForSession' | 'decline' | 'cancel'
    >();
    expectTypeOf<'approve'>().not.toExtend<Approval['decision']>();
    expectTypeOf<string>().not.toExtend<Approval['decision']>();
  });

  test('has no tag and no member that is not listed', () => {
    expectTypeOf<ToolAnswer>().toEqualTypeOf<Outgoing.DynamicToolCallResponse>();
    expectTypeOf<ToolAnswer['contentItems'][number]['type']>().toEqualTypeOf<
      'inputText' | 'inputImage' | 'inputAudio'
    >();
    const wrong: ToolAnswer[] = [
      // @ts-expect-error a tag that the schema does not list
      { success: true, contentItems: [{ type: 'text', text: 'hello' }] },
      // @ts-expect-error a member that the schema does not list
      { success: true, contentItems: [], output: 'hello' },
      // @ts-expect-error a member is missing
      { success: true },
    ];
    expectTypeOf(wrong).toBeArray();
  });

  test('may leave out what is optional, and nothing else', () => {
    expectTypeOf<{ permissions: object }>().toExtend<
      ServerRequestAnswers['item/permissions/requestApproval']
    >();
    expectTypeOf<{ scope: 'turn' }>().not.toExtend<
      ServerRequestAnswers['item/permissions/requestApproval']
    >();
  });
});
