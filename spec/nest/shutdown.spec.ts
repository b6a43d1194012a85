import { Controller } from '@nestjs/common';
import { afterEach, expect, test } from '@jest/globals';
import { accept, ofAppServer, type AppServerEvent, type ServerRequest } from 'codex-rx';
import { OnCodex, OnRequest, type CodexContext } from 'codex-rx/nest';
import { notification, request } from 'codex-rx/testing';
import { Subject, timer, map } from 'rxjs';
import { until } from '../support/until.js';
import { startStage, type Stage } from './support/stage.js';

type Started = AppServerEvent<'turn/started'>;

let stage: Stage;
let seen: string[] = [];

afterEach(async () => {
  seen = [];
  await stage.close();
});

const send = (threadId: string) => stage.server.send(notification('turn/started', { threadId }));

test('the handlers that run are finished; what waits or comes meanwhile is not handled', async () => {
  const gate = new Subject<void>();

  @Controller()
  class Handlers {
    @OnCodex(ofAppServer('turn/started'))
    onTurn({ threadId }: Started) {
      seen.push(`${threadId} has begun`);
      return gate.pipe(map(() => seen.push(`${threadId} is done`)));
    }
  }

  stage = await startStage({ controllers: [Handlers] });
  send('a');
  send('waits');
  await until(() => seen.length === 1);
  const [route] = stage.stream.router.routes!;
  await until(() => route!.stats.waiting === 1);
  stage.strategy.closing$.subscribe(() => seen.push('the shutdown has begun'));
  let isClosed = false;
  const closed = stage.app.close().then(() => (isClosed = true));
  send('comes');
  await until(() => route!.stats.waiting === 2);
  expect(isClosed).toBe(false);
  expect(stage.strategy.stats()).toEqual({ running: 1, refused: 0, dropped: 0 });
  gate.next();
  gate.complete();
  await closed;
  expect(seen).toEqual(['a has begun', 'the shutdown has begun', 'a is done']);
  expect(stage.strategy.stats()).toEqual({ running: 0, refused: 0, dropped: 2 });
});

test('a handler that outlasts the time for it is given up: its signal is aborted', async () => {
  @Controller()
  class Handlers {
    @OnCodex(ofAppServer('turn/started'))
    async onTurn({ threadId }: Started, { signal }: CodexContext) {
      seen.push(`${threadId} has begun`);
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      seen.push(`${threadId} is given up`);
    }
  }

  stage = await startStage({ controllers: [Handlers], module: { drainTimeout: 20 } });
  send('a');
  await until(() => seen.length === 1);
  await stage.app.close();
  await until(() => seen.length === 2);
  expect(seen).toEqual(['a has begun', 'a is given up']);
});

test('an answer that is decided is sent before the stream is closed', async () => {
  const posted = new Subject<void>();

  @Controller()
  class Handlers {
    @OnRequest('item/commandExecution/requestApproval')
    onApproval(asked: ServerRequest<'item/commandExecution/requestApproval'>) {
      seen.push('asked');
      return timer(20).pipe(map(() => accept(asked)));
    }
  }

  stage = await startStage({
    controllers: [Handlers],
    server: {
      rest: ({ method }) => {
        if (method !== 'POST') return null;
        seen.push('answered');
        // The server takes its time, and says only then that it has the answer.
        return timer(30).pipe(
          map(() => {
            posted.next();
            seen.push('confirmed');
            return { status: 200, body: { ok: true } };
          }),
        );
      },
    },
  });
  stage.server.send(request('item/commandExecution/requestApproval', { command: 'ls' }));
  await until(() => seen.length === 1);
  const closed = stage.app.close().then(() => seen.push('closed'));
  await until(() => seen.includes('confirmed'));
  stage.server.send(notification('serverRequest/resolved', { threadId: 'thread-1', requestId: 0 }));
  await closed;
  expect(seen).toEqual(['asked', 'answered', 'confirmed', 'closed']);
});
