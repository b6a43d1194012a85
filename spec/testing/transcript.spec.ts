import { afterEach, describe, expect, test } from '@jest/globals';
import { connectManager, type ManagerStream } from 'codex-rx';
import { connectAppServer, type AppServerStream } from 'codex-rx/node';
import {
  any,
  anyNumber,
  anyString,
  captured,
  closes,
  connects,
  emits,
  emitsText,
  exactly,
  exits,
  expects,
  expectsRest,
  inAnyOrder,
  leaves,
  notification,
  pauses,
  refuses,
  replies,
  silence,
  startTranscript,
  stringMatching,
  TranscriptError,
  type SocketTranscript,
  type Step,
  type TranscriptOptions,
} from 'codex-rx/testing';
import { WebSocket } from 'ws';
import { until } from '../support/until.js';

const closings: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closings.splice(0).reverse()) await close();
});

async function start(steps: readonly Step[], options: TranscriptOptions = {}) {
  const server = await startTranscript(steps, options);
  closings.push(() => server.close());
  return server;
}

/** A client that does what a spec says, and nothing by itself. */
async function client(server: SocketTranscript, path = '/') {
  const socket = new WebSocket(server.url.replace('http', 'ws') + path);
  const heard: string[] = [];
  let code: number | null = null;
  socket.on('error', () => undefined);
  socket.on('message', (data) => heard.push((data as Buffer).toString()));
  const opened = new Promise((resolve) => {
    socket.on('open', resolve);
    socket.on('close', resolve);
  });
  socket.on('close', (closeCode) => (code = closeCode));
  closings.push(() => {
    socket.terminate();
  });
  await opened;
  return {
    heard,
    code: () => code,
    send: (frame: unknown) => {
      socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
    },
    close: () => {
      socket.close(4000);
    },
    terminate: () => {
      socket.terminate();
    },
  };
}

/** The message of a failure, without the steps that it shows. */
async function failure(server: SocketTranscript): Promise<string> {
  const error: unknown = await server.done().then(
    () => new Error('It did not fail.'),
    (error: unknown) => error,
  );
  expect(error).toBeInstanceOf(TranscriptError);
  return (error as Error).message.split('\n\n')[0]!;
}

const handshake = [
  expects({ method: 'initialize', id: any }),
  emits(({ id }: { id: number }) => ({ id, result: { userAgent: 'x' } })),
  expects({ method: 'initialized' }),
];

function appServer(server: SocketTranscript, options = {}): AppServerStream {
  const stream = connectAppServer({ url: server.url, reconnect: false, ...options });
  closings.push(() => stream.close());
  void stream.connect();
  return stream;
}

function manager(server: SocketTranscript, options = {}): ManagerStream {
  const reconnect = { base: 1, cap: 1 };
  const stream = connectManager({ url: server.url, reconnect, ...options });
  closings.push(() => stream.close());
  void stream.connect();
  return stream;
}

describe('a transcript that a client keeps to', () => {
  test('of app-server: calls are answered under the ids that the client gives them', async () => {
    const server = await start([
      ...handshake,
      expects({ method: 'thread/start', id: captured('start'), params: { cwd: '/work' } }),
      emits({ id: captured('start'), result: { thread: { id: 't' } } }),
      emits({ method: 'item/tool/call', id: 0, params: { threadId: 't', tool: 'x' } }),
      expects(exactly({ id: 0, result: { contentItems: [], success: true } })),
      silence(30),
    ]);
    const stream = appServer(server);
    stream.requests.serve('item/tool/call', () => ({ contentItems: [], success: true }));
    expect(await stream.call('thread/start', { cwd: '/work' })).toEqual({ thread: { id: 't' } });
    await server.done();
  });

  test('of codex-manager: frames, and calls of the REST API beside them', async () => {
    const ids = { threadId: 't', turnId: 'u' };
    const server = await start([
      connects({ path: '/api/stream?threadId=t', headers: { authorization: 'Bearer x' } }),
      emits({ type: 'ready', threadId: 't' }),
      emits(notification('turn/started', { threadId: 't', turn: { id: 'u' } } as never, ids)),
      expectsRest('POST', '/api/sessions/t/interrupt', { turnId: 'u' }, { status: 409, body: {} }),
      expectsRest('POST', stringMatching(/^\/api\/sessions\/t/), undefined, null),
      emits({ type: 'pong' }),
      replies(202, { turnId: captured('turn', 'u2') }),
    ] as Step[]);
    const stream = manager(server, { threadId: 't', headers: { authorization: 'Bearer x' } });
    await stream.connect();
    await expect(stream.rest('/api/sessions/t/interrupt', { turnId: 'u' })).rejects.toThrow('409');
    const failed = failure(server);
    void stream.rest('/api/sessions/t/messages', { text: 'x' }).catch(() => undefined);
    expect(await failed).toBe('Step 7 of 7: nothing was captured as "turn".');
  });
});
