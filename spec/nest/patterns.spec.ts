import { Controller } from '@nestjs/common';
import { EventPattern, MessagePattern } from '@nestjs/microservices';
import { afterEach, expect, test } from '@jest/globals';
import { forThread, toolResult, type Envelope, type ServerRequest } from 'codex-rx';
import { CODEX } from 'codex-rx/nest';
import { envelope, notification, request } from 'codex-rx/testing';
import { until } from '../support/until.js';
import { startStage, type Stage } from './support/stage.js';

let stage: Stage | null = null;

afterEach(() => stage?.close());

test('a pattern of events is a type, a prefix that ends in *, or a matcher', async () => {
  const seen: string[] = [];
  const see = (name: string, { type, threadId }: Envelope) =>
    seen.push(`${name}: ${type} of ${threadId}`);

  @Controller()
  class Handlers {
    @EventPattern<string>('app_server.turn.started')
    exact(event: Envelope) {
      see('exact', event);
    }

    @EventPattern<string>('app_server.turn.*', CODEX)
    prefix(event: Envelope) {
      see('prefix', event);
    }

    @EventPattern(forThread('b'), CODEX)
    matcher(event: Envelope) {
      see('matcher', event);
    }

    @EventPattern(['orchestrator_job_failed', 'orchestrator_job_done'], CODEX)
    several(event: Envelope) {
      see('several', event);
    }
  }

  stage = await startStage({ controllers: [Handlers] });
  const { server } = stage;
  server.send(notification('turn/started', { threadId: 'a' }));
  server.send(notification('turn/completed', { threadId: 'b' }));
  server.send(envelope('orchestrator_job_done', null, { threadId: 'c' }));
  await until(() => seen.length === 5);
  expect(seen.sort()).toEqual([
    'exact: app_server.turn.started of a',
    'matcher: app_server.turn.completed of b',
    'prefix: app_server.turn.completed of b',
    'prefix: app_server.turn.started of a',
    'several: orchestrator_job_done of c',
  ]);
});

test('the options of a route stand in the extras of a pattern', async () => {
  const seen: string[] = [];

  @Controller()
  class Handlers {
    @EventPattern<string>('app_server.turn.started', CODEX, {
      codex: { name: 'billing', strategy: 'exhaust' },
    })
    async onTurn({ threadId }: Envelope) {
      seen.push(threadId!);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  stage = await startStage({ controllers: [Handlers] });
  for (const threadId of ['a', 'b']) {
    stage.server.send(notification('turn/started', { threadId }));
  }
  const [route] = stage.stream.router.routes!;
  await until(() => route!.stats.skipped === 1);
  expect(route!.name).toBe('billing');
  expect(seen).toEqual(['a']);
});

test('a pattern of messages answers a server request', async () => {
  @Controller()
  class Handlers {
    @MessagePattern('item/tool/call', CODEX)
    run({ tool }: ServerRequest<'item/tool/call'>) {
      return toolResult(`${tool} has run`);
    }
  }

  stage = await startStage({ controllers: [Handlers] });
  stage.server.send(request('item/tool/call', { tool: 'weather' }));
  const { server } = stage;
  await until(() => server.calls.some(({ method }) => method === 'POST'));
  const body = server.calls.find(({ method }) => method === 'POST')!.body;
  expect(JSON.stringify(body)).toContain('weather has run');
});

test('patterns that are objects belong to other transports', async () => {
  @Controller()
  class Handlers {
    @EventPattern({ cmd: 'created' })
    event() {}

    @MessagePattern({ cmd: 'sum' })
    message() {}
  }

  stage = await startStage({ controllers: [Handlers] });
  expect(stage.stream.router.routes).toEqual([]);
});

test('a wrong option fails the start, and names the option', async () => {
  @Controller()
  class Handlers {
    @EventPattern<string>('x', CODEX, { codex: { strategy: 'all' } })
    event() {}
  }

  await expect(startStage({ controllers: [Handlers] })).rejects.toThrow(
    '"strategy" must be concat or merge or switch or exhaust, not all.',
  );
});
