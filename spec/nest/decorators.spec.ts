import { Ctx, Payload } from '@nestjs/microservices';
import { describe, expect, test } from '@jest/globals';
import {
  accept,
  forThread,
  ofAppServer,
  ofAppServerRequest,
  ofPrefix,
  toolResult,
  type AppServerEvent,
  type Envelope,
  type ServerRequest,
} from 'codex-rx';
import { CodexContext, OnCodex, OnRequest } from 'codex-rx/nest';
import { EMPTY, of } from 'rxjs';

type Completed = AppServerEvent<'turn/completed'>;
type Call = ServerRequest<'item/tool/call'>;
type Approval = ServerRequest<'item/commandExecution/requestApproval'>;

// The types: `tsc -p spec/nest` checks them, with Nest 12 and 11, TypeScript 6.0 and 5.9.
class Accepted {
  @OnCodex(ofAppServer('turn/completed'))
  none() {}

  @OnCodex(ofAppServer('turn/completed'))
  one(event: Completed) {
    return event.payload.params.turn.status;
  }

  @OnCodex(ofAppServer('turn/completed'), {
    strategy: 'merge',
    key: (event) => event.threadId.at(0),
  })
  async two(event: Completed, context: CodexContext) {
    await Promise.resolve([event.threadId.length, context.signal.aborted]);
  }

  @OnCodex(ofAppServer('turn/completed'))
  wider(@Payload() event: Envelope, @Ctx() context: CodexContext) {
    return of(event.type, context.event.type);
  }

  @OnCodex(forThread('t'))
  ofThread(event: Envelope) {
    return event.threadId;
  }

  @OnCodex(ofPrefix('orchestrator_job_'))
  ofPrefix({ type }: Envelope<`orchestrator_job_${string}`>) {
    return type;
  }

  @OnRequest('item/tool/call')
  call(call: Call) {
    return toolResult(call.tool);
  }

  @OnRequest('item/tool/call', { timeout: 1_000, fallback: (call) => toolResult(call.tool) })
  async later(call: Call, { signal }: CodexContext) {
    await Promise.resolve(signal.aborted);
    return call.tool === 'mine' ? toolResult('done') : undefined;
  }

  @OnRequest('item/tool/call')
  observable() {
    return EMPTY;
  }

  @OnRequest(ofAppServerRequest('item/commandExecution/requestApproval'))
  matcher(request: Approval) {
    return accept(request);
  }

  @OnRequest(['item/commandExecution/requestApproval', 'item/tool/call'])
  several(request: ServerRequest) {
    void request;
    return undefined;
  }

  @OnRequest((request: ServerRequest) => request.answerable)
  test(request: ServerRequest) {
    void request;
    return undefined;
  }
}

class Refused {
  // @ts-expect-error the event of another method
  @OnCodex(ofAppServer('turn/started'))
  another(event: Completed) {
    return event;
  }

  // @ts-expect-error a context of something else
  @OnCodex(ofAppServer('turn/completed'))
  context(event: Completed, context: { readonly topic: string }) {
    return [event, context];
  }

  // @ts-expect-error more parameters than it gets
  @OnCodex(ofAppServer('turn/completed'))
  third(event: Completed, context: CodexContext, more: string) {
    return [event, context, more];
  }

  // @ts-expect-error a key of what the event does not have
  @OnCodex(ofAppServer('turn/completed'), { key: (event) => String(event.payload.params.delta) })
  key() {}

  // @ts-expect-error the params of another request
  @OnRequest('item/tool/call')
  request(request: Approval) {
    void request;
    return undefined;
  }

  // @ts-expect-error an answer of another kind
  @OnRequest('item/tool/call')
  answer() {
    return { decision: 'accept' } as const;
  }

  // @ts-expect-error a promise of no answer
  @OnRequest('item/commandExecution/requestApproval')
  promise() {
    return Promise.resolve(toolResult('yes'));
  }
}

test('methods that fit are decorated', () => {
  expect([Accepted, Refused].map(({ name }) => name)).toEqual(['Accepted', 'Refused']);
});

describe('what is no matcher, and unknown options, are errors at once', () => {
  const cases: readonly (readonly [string, () => unknown])[] = [
    ['"matcher" must be a matcher', () => OnCodex('turn/completed' as never)],
    [
      '"stratgy" is not an option: did you mean "strategy"?',
      () => OnCodex(ofAppServer(), { stratgy: 'merge' } as never),
    ],
    ['"source" must be a method, several, a matcher, or a test', () => OnRequest(1 as never)],
    [
      '"timeOut" is not an option: did you mean "timeout"?',
      () => OnRequest('item/tool/call', { timeOut: 1 } as never),
    ],
  ];
  test.each(cases)('%s', (message, decorate) => {
    expect(decorate).toThrow(TypeError);
    expect(decorate).toThrow(message);
  });
});
