import {
  Controller,
  Inject,
  Injectable,
  Module,
  type INestApplicationContext,
} from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import {
  connectManager,
  ofAppServer,
  type AppServerEvent,
  type CodexStream,
  type ServerRequests,
} from 'codex-rx';
import {
  CODEX_REQUESTS,
  CODEX_STREAM,
  CodexHealth,
  CodexModule,
  CodexStrategy,
  healthToken,
  OnCodex,
  requestsToken,
  strategyToken,
  streamToken,
} from 'codex-rx/nest';
import { notification, startStreamServer, type StreamServer } from 'codex-rx/testing';
import { firstValueFrom } from 'rxjs';
import { until } from '../support/until.js';

let servers: StreamServer[];
let app: INestApplicationContext | null = null;
const seen: string[] = [];

beforeEach(async () => {
  servers = [await startStreamServer(), await startStreamServer()];
});

afterEach(async () => {
  seen.length = 0;
  await app?.close();
  app = null;
  for (const server of servers) await server.close();
});

const streamOf = (i: number) => connectManager({ url: servers[i]!.url, log: false, health: false });

const stateOf = async (stream: CodexStream) =>
  (await firstValueFrom(stream.status$, { defaultValue: { state: 'closed' } })).state;

test('an application without a transport gets its stream injected; it connects and closes with it', async () => {
  @Injectable()
  class Turns {
    constructor(
      @Inject(CODEX_STREAM) readonly stream: CodexStream,
      @Inject(CODEX_REQUESTS) readonly requests: ServerRequests,
      @Inject(CodexHealth) readonly health: CodexHealth,
    ) {
      stream.on(ofAppServer('turn/started'), (event) => {
        seen.push(event.threadId);
      });
    }
  }

  const testing = await Test.createTestingModule({
    imports: [CodexModule.forRoot({ stream: () => streamOf(0) })],
    providers: [Turns],
  }).compile();
  app = await testing.init();
  const { stream, requests, health } = app.get(Turns);
  expect(stream.requests).toBe(requests);
  await stream.connect();
  expect(health.readiness()['codex']!.status).toBe('up');
  servers[0]!.send(notification('turn/started', { threadId: 'a' }));
  await until(() => seen.length === 1);
  await app.close();
  expect(await stateOf(stream)).toBe('closed');
});

test('options can be made of what is injected, asynchronously', async () => {
  @Injectable()
  class Settings {
    readonly url = servers[0]!.url;
  }

  @Module({ providers: [Settings], exports: [Settings] })
  class SettingsModule {}

  const testing = await Test.createTestingModule({
    imports: [
      CodexModule.forRootAsync({
        imports: [SettingsModule],
        inject: [Settings],
        useFactory: async ({ url }: Settings) => {
          await Promise.resolve();
          return {
            stream: async () => Promise.resolve(connectManager({ url, log: false, health: false })),
            drainTimeout: 100,
          };
        },
      }),
    ],
  }).compile();
  app = await testing.init();
  await app.get<CodexStream>(CODEX_STREAM).connect();
  expect(app.get(CodexStrategy)).toBe(app.get(strategyToken()));
});

test('several streams by name: each handler hears its own', async () => {
  @Controller()
  class Handlers {
    @OnCodex(ofAppServer('turn/started'))
    first({ threadId }: AppServerEvent<'turn/started'>) {
      seen.push(`first: ${threadId}`);
    }

    @OnCodex(ofAppServer('turn/started'), { stream: 'second' })
    second({ threadId }: AppServerEvent<'turn/started'>) {
      seen.push(`second: ${threadId}`);
    }
  }

  const testing = await Test.createTestingModule({
    imports: [
      CodexModule.forRoot({ stream: () => streamOf(0) }),
      CodexModule.forRoot({ name: 'second', stream: () => streamOf(1) }),
    ],
    controllers: [Handlers],
  }).compile();
  const hybrid = testing.createNestApplication({ logger: false });
  app = hybrid;
  hybrid.connectMicroservice({ strategy: hybrid.get(CodexStrategy) });
  hybrid.connectMicroservice({ strategy: hybrid.get<CodexStrategy>(strategyToken('second')) });
  await hybrid.startAllMicroservices();
  await hybrid.init();
  const streams = [undefined, 'second'].map((name) => app!.get<CodexStream>(streamToken(name)));
  for (const stream of streams) await stream.connect();
  servers[0]!.send(notification('turn/started', { threadId: 'a' }));
  servers[1]!.send(notification('turn/started', { threadId: 'b' }));
  await until(() => seen.length === 2);
  expect(seen.sort()).toEqual(['first: a', 'second: b']);
  expect(app.get(requestsToken('second'))).toBe(streams[1]!.requests);
  expect(Object.keys(app.get<CodexHealth>(healthToken('second')).readiness())).toEqual(['second']);
});

test('listen waits for the stream if it is asked to, and fails with the reason', async () => {
  const port = new URL(servers[1]!.url).port;
  await servers[1]!.close();
  const start = async (readyTimeout: number) => {
    const stream = connectManager({ url: `http://127.0.0.1:${port}`, log: false });
    const testing = await Test.createTestingModule({
      imports: [CodexModule.forRoot({ stream, readyTimeout })],
    }).compile();
    const microservice = testing.createNestMicroservice({
      strategy: testing.get(CodexStrategy),
      logger: false,
    });
    app = microservice;
    await microservice.listen();
    return microservice;
  };
  await expect(start(50)).rejects.toThrow('The stream was not ready within 50 ms');
  await app!.close();
  expect(await stateOf((await start(0)).get(CODEX_STREAM))).not.toBe('open');
});

test.each([
  ['"drain" is not an option', { drain: 1 }],
  ['"stream" must be a CodexStream, or a function that makes one', { stream: {} }],
  ['"readyTimeout" must be a number, 0 or more', { readyTimeout: -1 }],
])('a wrong option fails the start: %s', async (message, options) => {
  const imports = [CodexModule.forRoot({ stream: () => streamOf(0), ...(options as object) })];
  await expect(Test.createTestingModule({ imports }).compile()).rejects.toThrow(message);
});
