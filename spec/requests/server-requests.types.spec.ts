import { test } from '@jest/globals';
import {
  isRequest,
  ofAppServerRequest,
  toolResult,
  type AnswerOf,
  type CodexStream,
  type Incoming,
  type Outgoing,
  type ServerRequest,
} from 'codex-rx';
import { expectTypeOf } from 'expect-type';
import type { Observable } from 'rxjs';
import { accept, answers, grant } from '../support/answers.js';

/** Is type-checked, and never run. */
const typesOnly = (never: (stream: CodexStream) => void) => never.length;

test('requests and answers are typed by their method', () => {
  typesOnly(({ requests }) => {
    expectTypeOf(requests.pending$).toEqualTypeOf<Observable<readonly ServerRequest[]>>();
    const request = {} as ServerRequest;
    expectTypeOf(request.params).toBeUnknown();
    if (isRequest(request, 'item/tool/call')) {
      expectTypeOf(request.params).toEqualTypeOf<Incoming.DynamicToolCallParams>();
      void requests.answer(request, toolResult('x'));
      // @ts-expect-error a decision is no result of a tool
      void requests.answer(request, accept());
    }
    if (isRequest(request, 'item/permissions/requestApproval')) {
      void requests.answer(request, grant({}));
      // @ts-expect-error permissions are granted, not decided
      void requests.answer(request, accept());
    }
    // Of a request whose method is not known any answer may be given: it is checked when it runs.
    void requests.answer(request, accept());
  });
});

test('answers have the types of the protocol', () => {
  expectTypeOf<AnswerOf<'item/tool/call'>>().toEqualTypeOf<Outgoing.DynamicToolCallResponse>();
  expectTypeOf<AnswerOf<'of/tomorrow'>>().toEqualTypeOf<object>();
  expectTypeOf(accept()).toExtend<Outgoing.CommandExecutionRequestApprovalResponse>();
  expectTypeOf(accept('session')).toExtend<Outgoing.FileChangeRequestApprovalResponse>();
  expectTypeOf(answers({ q: 'x' })).toEqualTypeOf<Outgoing.ToolRequestUserInputResponse>();
});

test('handlers are typed by what they serve', () => {
  typesOnly((stream) => {
    const { requests } = stream;
    requests.serve('item/tool/call', ({ params }) => {
      expectTypeOf(params).toEqualTypeOf<Incoming.DynamicToolCallParams>();
      return toolResult('x');
    });
    // @ts-expect-error a decision is no result of a tool
    requests.serve('item/tool/call', () => accept());
    requests.serve(ofAppServerRequest('item/tool/call'), async ({ params, method }) => {
      expectTypeOf(params).toEqualTypeOf<Incoming.DynamicToolCallParams>();
      expectTypeOf(method).toEqualTypeOf<'item/tool/call'>();
      return toolResult('x');
    });
    requests.serve(['item/tool/call', 'item/tool/requestUserInput'], ({ method }) => {
      expectTypeOf(method).toEqualTypeOf<'item/tool/call' | 'item/tool/requestUserInput'>();
      return undefined;
    });
    requests.serve(
      ({ kind }) => kind === 'commandExecution',
      ({ params }) => {
        expectTypeOf(params).toBeUnknown();
        return accept();
      },
    );
  });
});
