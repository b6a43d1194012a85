import {
  Controller,
  Get,
  Injectable,
  type CallHandler,
  type ExecutionContext,
  type INestApplication,
} from '@nestjs/common';
import { ClientProxyFactory, EventPattern, MessagePattern, Transport } from '@nestjs/microservices';
import { Test } from '@nestjs/testing';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { connectManager, ofAppServer, type AppServerEvent, type ManagerStream } from 'codex-rx';
import { CodexModule, CodexStrategy, OnCodex } from 'codex-rx/nest';
import { notification, startStreamServer, type StreamServer } from 'codex-rx/testing';
import type { AddressInfo, Server } from 'node:net';
import { firstValueFrom, Subject, tap } from 'rxjs';
import { until } from '../support/until.js';

const seen: string[] = [];
const gate = new Subject<void>();
let server: StreamServer;
let stream: ManagerStream;
let app: INestApplication | null = null;
/** The port of its server over TCP. */
let port = 0;

@Controller()
class Handlers {
  @OnCodex(ofAppServer('turn/started'))
  async onTurn({ threadId }: AppServerEvent<'turn/started'>) {
    seen.push(`${threadId} has begun`);
    if (threadId === 'slow') await firstValueFrom(gate);
    seen.push(`${threadId} is done`);
  }

  @EventPattern<string>('app_server.turn.started', Transport.TCP)
  overTcp() {
    seen.push('an event over TCP');
  }

  @MessagePattern('sum', Transport.TCP)
  sum([a, b]: [number, number]) {
    return a + b;
  }

  @Get('threads')
  threads() {
    return ['a'];
  }
}

@Injectable()
class Order {
  async beforeApplicationShutdown() {
    seen.push(
      `beforeApplicationShutdown: the stream is ${(await firstValueFrom(stream.status$)).state}`,
    );
  }
  async onApplicationShutdown() {
    await firstValueFrom(stream.status$, { defaultValue: null }).then((status) =>
      seen.push(`onApplicationShutdown: the stream is ${status?.state ?? 'closed'}`),
    );
  }
}

const interceptor = {
  intercept: (host: ExecutionContext, next: CallHandler<unknown>) =>
    next.handle().pipe(tap(() => seen.push(`intercepted: ${host.getType()}`))),
};

beforeEach(async () => {
  server = await startStreamServer();
  stream = connectManager({ url: server.url, log: false, health: false });
});

afterEach(async () => {
  await app?.close();
  app = null;
  seen.length = 0;
  await server.close();
});

async function start(inheritAppConfig: boolean) {
  const testing = await Test.createTestingModule({
    imports: [CodexModule.forRoot({ stream })],
    controllers: [Handlers],
    providers: [Order],
  }).compile();
  app = testing.createNestApplication({ logger: false, forceCloseConnections: true });
  app.useGlobalInterceptors(interceptor);
  app.connectMicroservice({ strategy: app.get(CodexStrategy) }, { inheritAppConfig });
  const tcp = app.connectMicroservice({
    transport: Transport.TCP,
    options: { host: '127.0.0.1', port: 0 },
  });
  await app.startAllMicroservices();
  ({ port } = tcp.unwrap<Server>().address() as AddressInfo);
  await app.listen(0, '127.0.0.1');
  await stream.connect();
  return app.getUrl();
}

const send = (threadId: string) => server.send(notification('turn/started', { threadId }));

test('one application serves HTTP and handles events', async () => {
  const url = await start(false);
  send('a');
  expect(await (await fetch(`${url}/threads`)).json()).toEqual(['a']);
  await until(() => seen.includes('a is done'));
});

describe('global interceptors run for events', () => {
  test('with inheritAppConfig', async () => {
    await start(true);
    send('a');
    await until(() => seen.includes('intercepted: rpc'));
  });

  test('not without it: that is how Nest is', async () => {
    await start(false);
    send('a');
    await until(() => seen.includes('a is done'));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(seen).not.toContain('intercepted: rpc');
  });
});

test('patterns stay on their transports', async () => {
  await start(false);
  const client = ClientProxyFactory.create({
    transport: Transport.TCP,
    options: { host: '127.0.0.1', port },
  });
  try {
    expect(await firstValueFrom(client.send<number>('sum', [1, 2]))).toBe(3);
    send('a');
    await until(() => seen.includes('a is done'));
    expect(seen).not.toContain('an event over TCP');
    await firstValueFrom(client.emit('app_server.turn.started', {}), { defaultValue: null });
    await until(() => seen.includes('an event over TCP'));
    expect(seen.filter((each) => each.endsWith('has begun'))).toEqual(['a has begun']);
  } finally {
    await client.close();
  }
});

test('at its end, handlers are finished first, with the stream still open', async () => {
  await start(false);
  send('slow');
  await until(() => seen.length === 1);
  const closed = app!.close();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(seen).toEqual(['slow has begun']);
  gate.next();
  await closed;
  expect(seen).toEqual([
    'slow has begun',
    'slow is done',
    'beforeApplicationShutdown: the stream is open',
    'onApplicationShutdown: the stream is closed',
  ]);
});
