import { Controller, UseGuards } from '@nestjs/common';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import {
  accept,
  connectManager,
  decline,
  toolResult,
  type Decision,
  type HandlerError,
  type ManagerStream,
  type ServerRequest,
} from 'codex-rx';
import {
  CodexContext,
  CodexExceptionFilter,
  CodexModule,
  CodexStrategy,
  OnRequest,
} from 'codex-rx/nest';
import { startFakeManager, type FakeAnswer, type FakeManager } from 'codex-rx/testing';
import { Test } from '@nestjs/testing';
import type { INestMicroservice, Type } from '@nestjs/common';
import { EMPTY, firstValueFrom, of } from 'rxjs';
import { until } from '../support/until.js';

let server: FakeManager;
let stream: ManagerStream;
let app: INestMicroservice | null = null;
let strategy: CodexStrategy;
let threadId = '';
const decisions: Decision[] = [];
const errors: HandlerError[] = [];

beforeEach(async () => {
  server = await startFakeManager();
  threadId = server.session();
  stream = connectManager({ url: server.url, log: false });
  stream.requests.decisions$.subscribe((decision) => decisions.push(decision));
  stream.requests.errors$.subscribe((error) => errors.push(error));
});

afterEach(async () => {
  decisions.length = errors.length = 0;
  await app?.close();
  await server.close();
});

async function start(...controllers: Type[]): Promise<void> {
  const module = await Test.createTestingModule({
    imports: [CodexModule.forRoot({ stream })],
    controllers,
  }).compile();
  strategy = module.get(CodexStrategy);
  app = module.createNestMicroservice({ strategy, logger: false });
  app.useGlobalFilters(new CodexExceptionFilter());
  await app.listen();
  await stream.connect();
}

const resultOf = async (answer: Promise<FakeAnswer>) => {
  const given = await answer;
  return 'result' in given ? given.result : given.error;
};

const approval = (command = 'ls') =>
  server.request(threadId, 'item/commandExecution/requestApproval', { itemId: 'i', command });

test('what a handler returns is the answer, now or later; its name and reason are in the audit', async () => {
  @Controller()
  class Tools {
    @OnRequest('item/commandExecution/requestApproval')
    async onApproval(
      request: ServerRequest<'item/commandExecution/requestApproval'>,
      context: CodexContext,
    ) {
      await Promise.resolve();
      context.because(`It is ${context.event.requestId}.`);
      return context.request === request ? accept(request) : decline(request);
    }

    @OnRequest('item/tool/call', { name: 'the tools' })
    onCall({ tool }: ServerRequest<'item/tool/call'>) {
      return of(toolResult(tool), toolResult('a second one is not heard'));
    }
  }

  await start(Tools);
  expect(await resultOf(approval())).toEqual({ decision: 'accept' });
  const call = { callId: 'c', tool: 'weather', arguments: {} };
  const result = await resultOf(server.request(threadId, 'item/tool/call', call));
  expect(JSON.stringify(result)).toContain('weather');
  expect(decisions.map(({ by, why }) => [by, why])).toEqual([
    ['Tools.onApproval', 'It is 0.'],
    ['the tools', null],
  ]);
});

test('with undefined, or an Observable that completes empty, a handler leaves a request to the next', async () => {
  const asked: string[] = [];

  @Controller()
  class Handlers {
    @OnRequest('item/commandExecution/requestApproval')
    first() {
      asked.push('first');
      return undefined;
    }

    @OnRequest('item/commandExecution/requestApproval')
    second() {
      asked.push('second');
      return EMPTY;
    }

    @OnRequest('item/commandExecution/requestApproval')
    third(request: ServerRequest<'item/commandExecution/requestApproval'>) {
      asked.push('third');
      return accept(request);
    }
  }

  await start(Handlers);
  expect(await resultOf(approval())).toEqual({ decision: 'accept' });
  expect(asked).toEqual(['first', 'second', 'third']);
});

test('a handler that throws leaves the request open: nothing is sent, and the error is reported', async () => {
  @Controller()
  class Handlers {
    @OnRequest('item/commandExecution/requestApproval')
    onApproval() {
      throw new RangeError('I do not know.');
      return undefined;
    }
  }

  await start(Handlers);
  void approval();
  await until(() => errors.length === 1);
  expect(errors[0]!.message).toContain('Route "Handlers.onApproval" failed in its handler');
  expect(errors[0]!.cause).toBeInstanceOf(RangeError);
  const [pending] = await firstValueFrom(stream.requests.pending$);
  expect(pending!.state).toBe('open');
  expect(decisions).toEqual([]);
});

test('a guard that refuses leaves the request to the next handler, and is no failure', async () => {
  @Controller()
  class Handlers {
    @UseGuards({ canActivate: () => false })
    @OnRequest('item/commandExecution/requestApproval')
    guarded(request: ServerRequest<'item/commandExecution/requestApproval'>) {
      return accept(request);
    }

    @OnRequest('item/commandExecution/requestApproval')
    next(request: ServerRequest<'item/commandExecution/requestApproval'>) {
      return decline(request);
    }
  }

  await start(Handlers);
  expect(await resultOf(approval())).toEqual({ decision: 'decline' });
  expect(strategy.stats().refused).toBe(1);
  expect(errors).toEqual([]);
});

test('when time is up, the fallback answers, and the signal of the handler is aborted', async () => {
  let aborted = false;

  @Controller()
  class Handlers {
    @OnRequest('item/commandExecution/requestApproval', { timeout: 20 })
    async onApproval(_: ServerRequest, { signal }: CodexContext) {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      aborted = true;
      return undefined;
    }
  }

  await start(Handlers);
  expect(await resultOf(approval())).toEqual({ decision: 'decline' });
  await until(() => aborted);
});
