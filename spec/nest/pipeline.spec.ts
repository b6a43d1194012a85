import {
  Catch,
  Controller,
  Inject,
  Injectable,
  Scope,
  UseFilters,
  UseGuards,
  UseInterceptors,
  type ArgumentsHost,
  type CallHandler,
  type CanActivate,
  type ExceptionFilter,
  type ExecutionContext,
  type NestInterceptor,
  type PipeTransform,
} from '@nestjs/common';
import { CONTEXT, Ctx, Payload, RpcException, type RequestContext } from '@nestjs/microservices';
import { afterEach, expect, test } from '@jest/globals';
import { ofAppServer, type AppServerEvent, type CodexStream, type Envelope } from 'codex-rx';
import { CODEX_STREAM, CodexContext, OnCodex } from 'codex-rx/nest';
import { notification } from 'codex-rx/testing';
import { tap, throwError } from 'rxjs';
import { until } from '../support/until.js';
import { startStage, type Stage } from './support/stage.js';

type Started = AppServerEvent<'turn/started'>;

let stage: Stage | null = null;
let seen: string[] = [];

afterEach(async () => {
  seen = [];
  await stage?.close();
});

const send = (...threads: string[]) => {
  for (const threadId of threads) stage!.server.send(notification('turn/started', { threadId }));
};

test('guards, interceptors, pipes and filters run around a handler, each with the context', async () => {
  const contextOf = (host: ArgumentsHost) => host.switchToRpc().getContext<CodexContext>();

  class Guard implements CanActivate {
    canActivate(host: ExecutionContext) {
      const { event } = contextOf(host);
      seen.push(`guard: ${host.getType()} ${event.threadId} ${host.getHandler().name}`);
      return event.threadId !== 'forbidden';
    }
  }

  class Interceptor implements NestInterceptor {
    intercept(host: ExecutionContext, next: CallHandler<unknown>) {
      seen.push(`before: ${host.switchToRpc().getData<Envelope>().threadId}`);
      return next.handle().pipe(tap((value) => seen.push(`after: ${String(value)}`)));
    }
  }

  class Pipe implements PipeTransform {
    transform(event: Started) {
      seen.push(`pipe: ${event.threadId}`);
      return event;
    }
  }

  @Catch()
  class Filter implements ExceptionFilter {
    catch(error: Error, host: ArgumentsHost) {
      seen.push(`filter: ${error.message} of ${contextOf(host).event.threadId}`);
      return throwError(() => error);
    }
  }

  @Controller()
  class Handlers {
    @UseGuards(Guard)
    @UseInterceptors(Interceptor)
    @UseFilters(Filter)
    @OnCodex(ofAppServer('turn/started'))
    onTurn(@Payload(Pipe) event: Started, @Ctx() context: CodexContext) {
      seen.push(`handler: ${event.threadId} of connection ${context.receivedAt > 0}`);
      if (event.threadId === 'bad') throw new RangeError('It is bad.');
      return 'its value';
    }
  }

  stage = await startStage({ controllers: [Handlers] });
  send('good', 'bad', 'forbidden');
  await until(() => stage!.strategy.stats().refused === 1);
  expect(seen).toEqual([
    'guard: rpc good onTurn',
    'before: good',
    'pipe: good',
    'handler: good of connection true',
    'after: its value',
    'guard: rpc bad onTurn',
    'before: bad',
    'pipe: bad',
    'handler: bad of connection true',
    'filter: It is bad. of bad',
    'guard: rpc forbidden onTurn',
    'filter: Forbidden resource of forbidden',
  ]);
  // A guard's no is counted, and is no failure.
  expect(stage.errors.map(({ message }) => message)).toEqual([
    'Route "Handlers.onTurn" failed in its handler on app_server.turn.started: It is bad.',
  ]);
  expect(stage.errors[0]!.cause).toBeInstanceOf(RangeError);
});

test('without a filter, an RpcException says what failed; a guard that refuses is no failure', async () => {
  @Controller()
  class Handlers {
    @UseGuards({ canActivate: (host) => host.switchToRpc().getData<Envelope>().threadId !== 'b' })
    @OnCodex(ofAppServer('turn/started'))
    onTurn() {
      throw new RpcException('There is no such customer.');
    }
  }

  stage = await startStage({ controllers: [Handlers] });
  send('a', 'b', 'c');
  await until(() => stage!.errors.length === 2);
  expect(stage.errors.map(({ message }) => message)).toEqual(
    Array(2).fill(
      'Route "Handlers.onTurn" failed in its handler on app_server.turn.started: There is no such customer.',
    ),
  );
  expect(stage.strategy.stats()).toMatchObject({ refused: 1, running: 0 });
});

test('a controller of the request scope is made for each event, and gets it injected', async () => {
  let instances = 0;

  @Injectable({ scope: Scope.REQUEST })
  class Handler {
    readonly number = ++instances;
    constructor(@Inject(CONTEXT) readonly context: RequestContext<Envelope>) {}
  }

  @Controller()
  class Handlers {
    constructor(
      @Inject(Handler) private readonly handler: Handler,
      @Inject(CODEX_STREAM) private readonly stream: CodexStream,
    ) {}

    @OnCodex(ofAppServer('turn/started'))
    onTurn(event: Started, context: CodexContext) {
      const isSame = this.handler.context.getData() === event && context.stream === this.stream;
      seen.push(`${this.handler.number}: ${event.threadId} ${isSame}`);
    }
  }

  stage = await startStage({ controllers: [Handlers], providers: [Handler] });
  send('a', 'b');
  await until(() => seen.length === 2);
  expect(seen).toEqual(['1: a true', '2: b true']);
});

test('what an application has hooked into its transports runs around each handler', async () => {
  @Controller()
  class Handlers {
    @OnCodex(ofAppServer('turn/started'))
    onTurn({ threadId }: Started) {
      seen.push(`handler ${threadId}`);
      if (threadId === 'b') throw new Error('b fails.');
    }
  }

  stage = await startStage({ controllers: [Handlers] });
  stage.strategy.setOnProcessingStartHook((_, context, done) => {
    seen.push(`start ${(context as CodexContext).event.threadId}`);
    void done();
  });
  stage.strategy.setOnProcessingEndHook((_, context) => {
    seen.push(`end ${(context as CodexContext).event.threadId}`);
  });
  send('a', 'b');
  await until(() => seen.length === 6);
  expect(seen).toEqual(['start a', 'handler a', 'end a', 'start b', 'handler b', 'end b']);
});

test('`switch` aborts the signal of the handler that it gives up, and unsubscribes its Observable', async () => {
  @Controller()
  class Handlers {
    @OnCodex(ofAppServer('turn/started'), { strategy: 'switch' })
    async onTurn({ threadId }: Started, { signal }: CodexContext) {
      seen.push(`${threadId} has begun`);
      signal.addEventListener('abort', () => seen.push(`${threadId} is given up`));
      await new Promise((resolve) => setTimeout(resolve, threadId === 'b' ? 20 : 60_000).unref());
      seen.push(`${threadId} is done`);
    }
  }

  stage = await startStage({ controllers: [Handlers] });
  send('a');
  await until(() => seen.length === 1);
  send('b');
  await until(() => seen.includes('b is done'));
  expect(seen).toEqual(['a has begun', 'a is given up', 'b has begun', 'b is done']);
  expect(stage.errors).toEqual([]);
});
