import { describe, test } from '@jest/globals';
import type { Incoming, NotificationParams } from 'codex-rx';
import { expectTypeOf } from 'expect-type';

describe('what Codex sends', () => {
  test('is narrowed by a switch over its tag, with room for a tag that is not listed', () => {
    const describeItem = (item: Incoming.ThreadItem): string => {
      switch (item.type) {
        case 'agentMessage':
          expectTypeOf(item).toEqualTypeOf<Incoming.AgentMessageThreadItem>();
          return item.text;
        case 'commandExecution':
          expectTypeOf(item).toEqualTypeOf<Incoming.CommandExecutionThreadItem>();
          return item.command;
        default:
          expectTypeOf(item).not.toBeNever();
          expectTypeOf(item.id).toBeString();
          return item.type;
      }
    };
    expectTypeOf(describeItem).returns.toBeString();
  });

  test('leaves something over when every listed tag was handled', () => {
    type Left = Exclude<Incoming.ThreadItem, { type: ListedItem }>;
    expectTypeOf<Left>().not.toBeNever();
    expectTypeOf<Left['id']>().toBeString();
    expectTypeOf<Left['type']>().toExtend<string>();
  });

  test('keeps enums open, and completes what is listed', () => {
    expectTypeOf<'completed'>().toExtend<Incoming.Turn['status']>();
    expectTypeOf<'invented'>().toExtend<Incoming.Turn['status']>();
    expectTypeOf<string>().toExtend<Incoming.Turn['status']>();
    expectTypeOf<5>().not.toExtend<Incoming.Turn['status']>();
  });

  test('is read only', () => {
    const params = { threadId: 't', turnId: 'u', itemId: 'i', delta: 'x' };
    const delta: NotificationParams['item/agentMessage/delta'] = params;
    // @ts-expect-error it is read only
    const write = (): void => void (delta.delta = 'y');
    expectTypeOf(write).toBeFunction();
    expectTypeOf<Incoming.Turn['items']>().toEqualTypeOf<readonly Incoming.ThreadItem[]>();
  });
});

type ListedItem =
  | 'userMessage'
  | 'hookPrompt'
  | 'agentMessage'
  | 'functionCallOutput'
  | 'plan'
  | 'reasoning'
  | 'commandExecution'
  | 'fileChange'
  | 'mcpToolCall'
  | 'dynamicToolCall'
  | 'collabAgentToolCall'
  | 'subAgentActivity'
  | 'webSearch'
  | 'imageView'
  | 'sleep'
  | 'imageGeneration'
  | 'enteredReviewMode'
  | 'exitedReviewMode'
  | 'contextCompaction';
