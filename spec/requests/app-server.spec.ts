import { describe, expect, test } from '@jest/globals';
import { toolResult } from 'codex-rx';
import { fakeTransport } from 'codex-rx/testing';
import { firstValueFrom, NEVER, of } from 'rxjs';
import { createAppServerStream, type AppServerStreamOptions } from '../../lib/app-server/index.js';
import { short } from './stage-manager.js';
import { accept, decline, elicit } from '../support/answers.js';
import { answerRequest, refuseRequest } from '../support/open-requests.js';

const command = 'item/commandExecution/requestApproval';

interface Frame {
  readonly id?: unknown;
  readonly method?: string;
  readonly result?: unknown;
  readonly error?: unknown;
}

interface Stage {
  readonly stream: ReturnType<typeof createAppServerStream>;
  /** Sends a request of the server. */
  ask(method: string, id: number, params?: object): void;
  tell(method: string, params: object): void;
  /** What the client has answered, over all connections. */
  answered(): unknown[];
  /** Answers the newest call of a method. */
  reply(method: string, result: object): Promise<void>;
  readonly ends: string[];
  readonly pending: unknown[][];
  /** Lets the client come back to a server that has these threads loaded. */
  comeBack(loaded: readonly string[], meanwhile?: () => void): Promise<void>;
}

const wait = (ms = 0) => new Promise((resolve) => setTimeout(resolve, ms));

async function play(
  script: (stage: Stage) => void | Promise<void>,
  options: AppServerStreamOptions = {},
): Promise<void> {
  const socket = fakeTransport();
  const stream = createAppServerStream(
    { heartbeat: false, reconnect: { base: 10 }, random: () => 0.5, ...options },
    {
      openTransport: socket.open,
      request: (maxFrameBytes) =>
        of({ url: 'ws://fake', headers: {}, maxFrameBytes, ignore: null }),
    },
  );
  const ends: string[] = [];
  const pending: unknown[][] = [];
  stream.requests.settled$.subscribe((settlement) => ends.push(short(settlement)));
  stream.requests.pending$.subscribe((all) => pending.push(all.map(({ requestId }) => requestId)));
  const frames = (): Frame[] =>
    socket.connections.flatMap(({ sent }) => sent.map((text) => JSON.parse(text) as Frame));
  const reply = async (method: string, result: object) => {
    const [call] = frames()
      .filter((frame) => frame.method === method)
      .slice(-1);
    if (call !== undefined) socket.last.send({ id: call.id, result });
    await wait();
  };
  const greet = async () => {
    socket.last.accept();
    await reply('initialize', {});
  };
  void stream.connect();
  await greet();
  void stream.call('thread/start', {}).catch(() => undefined);
  await reply('thread/start', { thread: { id: 't' } });
  try {
    await script({
      stream,
      ask(method, id, params = {}) {
        const all = { threadId: 't', turnId: 'u', itemId: `item ${id}`, ...params };
        socket.last.send({ method, id, params: all });
      },
      tell: (method, params) => socket.last.send({ method, params }),
      answered: () =>
        frames()
          .filter((frame) => 'result' in frame || 'error' in frame)
          .map(({ id, result, error }) => [id, result ?? error]),
      reply,
      ends,
      pending,
      async comeBack(loaded, meanwhile = () => undefined) {
        socket.last.end();
        meanwhile();
        const links = socket.connections.length;
        while (socket.connections.length === links) await wait(1);
        await greet();
        await reply('thread/loaded/list', { data: loaded });
        await reply('thread/resume', { thread: { id: 't' } });
      },
    });
  } finally {
    await stream.close();
  }
}

const resolved = (requestId: number) => ({ threadId: 't', requestId });

describe('requests of an app-server', () => {
  test('are answered over JSON-RPC, and settled when the server says so', () =>
    play(({ stream, ask, tell, answered, ends, pending }) => {
      ask(command, 0);
      expect(pending.at(-1)).toEqual([0]);
      stream.requests.serve(command, () => accept());
      expect(answered()).toEqual([[0, { decision: 'accept' }]]);
      expect(pending.at(-1)).toEqual([0]);
      tell('serverRequest/resolved', resolved(0));
      expect(ends).toEqual(['0 answered resolved']);
    }));

  test('are answered elsewhere, expire on an interrupt, and end with their item', () =>
    play(({ ask, tell, ends }) => {
      ask(command, 0);
      tell('serverRequest/resolved', resolved(0));
      ask(command, 1);
      tell('turn/completed', { threadId: 't', turn: { id: 'u', status: 'interrupted' } });
      tell('serverRequest/resolved', resolved(1));
      ask('item/tool/call', 2, { callId: 'c' });
      tell('item/completed', {
        threadId: 't',
        turnId: 'u',
        item: { id: 'c', status: 'completed' },
      });
      expect(ends).toEqual([
        '0 answered-elsewhere resolved',
        '1 expired turn-ended',
        '2 answered-elsewhere item-completed',
      ]);
    }));

  test('are answered and refused by their events too, once', () =>
    play(({ stream, ask, answered, ends, tell, pending }) => {
      const { requests } = stream;
      const events: unknown[] = [];
      stream.events$.subscribe((event) => events.push(event));
      ask(command, 0);
      ask(command, 1);
      const [first, second] = events as [never, never];
      expect(answerRequest(stream, first, { decision: 'decline' })).toBe(true);
      expect(answerRequest(stream, first, { decision: 'accept' })).toBe(false);
      void requests.answer(second, { decision: 'yes' } as never);
      expect(refuseRequest(stream, second, 'no')).toBe(true);
      expect(refuseRequest(stream, second, 'no')).toBe(false);
      expect(answered()).toEqual([
        [0, { decision: 'decline' }],
        [1, { code: -32601, message: 'no' }],
      ]);
      expect(ends).toEqual(['1 failed refused']);
      tell('serverRequest/resolved', resolved(0));
      expect(ends.at(-1)).toBe('0 answered resolved');
      expect(pending.at(-1)).toEqual([]);
    }));

  test('that a handler has are not refused for want of a route', async () => {
    await play(
      ({ stream, ask, answered }) => {
        stream.requests.serve(command, () => NEVER);
        ask(command, 0);
        ask('item/tool/call', 1, { callId: 'c' });
        expect(answered()).toEqual([
          [1, { code: -32601, message: 'Nothing handles item/tool/call.' }],
        ]);
      },
      { unhandledRequests: 'refuse' },
    );
  });

  test('of no thread are settled as soon as they are answered', () =>
    play(({ stream, ask, ends }) => {
      ask('attestation/generate', 0, { threadId: null, turnId: null, itemId: null });
      stream.requests.serve('attestation/generate', () => ({ token: 'x' }));
      expect(ends).toEqual(['0 answered accepted']);
    }));

  test('whose answer could not be sent get it when they come again', () =>
    play(async ({ stream, ask, answered, ends, comeBack, tell }) => {
      let runs = 0;
      ask('item/tool/call', 0, { callId: 'c' });
      await comeBack(['t'], () => {
        stream.requests.serve('item/tool/call', () => {
          runs++;
          return toolResult('x');
        });
      });
      expect(answered()).toEqual([]);
      ask('item/tool/call', 0, { callId: 'c' });
      expect(answered()).toEqual([[0, toolResult('x')]]);
      tell('item/completed', { threadId: 't', turnId: 'u', item: { id: 'c' } });
      expect(ends).toEqual(['0 answered item-completed']);
      expect(runs).toBe(1);
    }));

  test.each([null, 'u'])(
    'that got an error while nobody was connected get it when they come again: turn %s',
    (turnId) =>
      play(async ({ stream, ask, answered, ends, comeBack, pending }) => {
        const elicitation = 'mcpServer/elicitation/request';
        const params = { turnId, itemId: undefined };
        let runs = 0;
        stream.requests.serve(elicitation, () => {
          runs++;
          return undefined;
        });
        ask(elicitation, 0, params);
        const [request] = await firstValueFrom(stream.requests.pending$);
        await comeBack(['t'], () => {
          expect(refuseRequest(stream, request!.event, 'no')).toBe(true);
        });
        expect(answered()).toEqual([]);
        ask(elicitation, 0, params);
        expect(answered()).toEqual([[0, { code: -32601, message: 'no' }]]);
        expect(ends).toEqual(['0 failed refused']);
        expect(pending.at(-1)).toEqual([]);
        expect(runs).toBe(1);
      }),
  );

  test('that are not sent again after a reconnection were settled meanwhile', () =>
    play(async ({ ask, ends, comeBack, pending }) => {
      ask(command, 0);
      ask(command, 1);
      ask('attestation/generate', 2, { threadId: null, turnId: null, itemId: null });
      await comeBack(['t']);
      expect(ends).toEqual(['2 lost missed']);
      ask(command, 1);
      ask(command, 3);
      await wait(2_050);
      expect(ends).toEqual(['2 lost missed', '0 lost missed']);
      expect(pending.at(-1)).toEqual([1, 3]);
    }));

  test('are lost with a restart', () =>
    play(async ({ ask, ends, comeBack }) => {
      ask(command, 0);
      await comeBack([]);
      expect(ends).toEqual(['0 lost restarted']);
    }));

  test('of a server that was restarted get no answer that was meant for others of their id', () =>
    play(async ({ stream, ask, answered, ends, pending, reply, comeBack }) => {
      const elicitation = 'mcpServer/elicitation/request';
      void stream.call('thread/start', {}).catch(() => undefined);
      await reply('thread/start', { thread: { id: 't2' } });
      stream.requests.serve(elicitation, () => elicit('accept', { name: 'Bob' }));
      const params = { turnId: null, itemId: undefined, message: 'Who are you?' };
      ask(elicitation, 0, params);
      expect(answered()).toHaveLength(1);
      // The first thread is resumed, and asks, before the second.
      await comeBack([]);
      ask(elicitation, 0, params);
      expect(ends).toEqual(['0 lost missed']);
      expect(pending.at(-1)).toEqual([0]);
    }));

  test('end with the stream, answered or not', () =>
    play(async ({ stream, ask, ends }) => {
      ask(command, 0);
      ask(command, 1);
      stream.requests.serve(
        ({ requestId }) => requestId === 1,
        () => decline() as never,
      );
      await stream.close();
      expect(ends).toEqual(['0 lost closed', '1 lost closed']);
    }));
});
