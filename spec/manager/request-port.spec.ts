import { describe, expect, test } from '@jest/globals';
import { type ManagerOptions, type ManagerStream, type ServerRequest } from 'codex-rx';
import { envelope, marbles } from 'codex-rx/testing';
import { asyncScheduler, defer, firstValueFrom, map, NEVER, of, throwError, timer } from 'rxjs';
import { requestPort } from '../../lib/manager/request-port.js';
import type { RestAnswer } from '../../lib/manager/rest.js';
import {
  connect,
  next,
  pendingIs,
  short,
  startManager,
  waits,
  type Manager,
} from '../requests/stage-manager.js';
import { accept } from '../support/answers.js';

const command = 'item/commandExecution/requestApproval';

interface Stage {
  readonly server: Manager;
  readonly stream: ManagerStream;
  /** Asked by the server before it was restarted. */
  readonly old: ServerRequest;
  /** Restarts the server, which counts from 0 again: nobody is there to hear it. */
  restart(): void;
}

/** A command that waits for its approval, as request 0. */
async function asked(options: Partial<ManagerOptions> = {}): Promise<Stage> {
  const server = await startManager();
  const slowly = { reconnect: { base: 100, cap: 100 }, random: () => 1 };
  const stream = await connect(server, { ...slowly, ...options });
  server.ask(command, 0, { turnId: 'old' });
  const [old] = await pendingIs(stream, 0);
  return {
    server,
    stream,
    old: old!,
    restart() {
      for (const socket of server.sockets) socket.terminate();
      server.pending.clear();
      server.ask(command, 0, { turnId: 'new' });
    },
  };
}

/** Approves a request: what became of that. */
const approve = async ({ stream }: Stage, request: ServerRequest) =>
  short(await stream.requests.answer(request as never, accept()));

function expectNewOneUntouched({ server }: Stage): void {
  expect(server.posts).toEqual([]);
  expect([...server.pending.keys()]).toEqual(['0']);
}

describe('the approval of what a server has asked before it was restarted', () => {
  test('approves nothing else by the same id, if it is given while nobody is connected', async () => {
    const stage = await asked();
    stage.restart();
    await waits(stage.stream);
    expect(await approve(stage, stage.old)).toBe('0 lost missed');
    expectNewOneUntouched(stage);
  });

  test('approves nothing else by the same id, if nobody knows yet that it is another', async () => {
    let isFailing = true;
    const stage = await asked({
      fetch: async (url, request) =>
        isFailing ? { status: 500, json: async () => null } : fetch(url, request),
    });
    const gap = next(stage.stream.gaps$);
    stage.restart();
    const { complete } = await firstValueFrom((await gap).recovery$);
    expect(complete).toBe(false);
    isFailing = false;
    expect(await approve(stage, stage.old)).toBe('0 lost missed');
    expectNewOneUntouched(stage);
  });

  test('approves nothing else by the same id, if it has to be sent again', async () => {
    let isDown = true;
    const stage = await asked({
      async fetch(url, request) {
        if (isDown && request.method === 'POST') throw new Error('ECONNREFUSED');
        return fetch(url, request);
      },
    });
    const answered = approve(stage, stage.old);
    const gap = next(stage.stream.gaps$);
    stage.restart();
    await firstValueFrom((await gap).recovery$);
    isDown = false;
    expect(await answered).toBe('0 lost missed');
    expectNewOneUntouched(stage);
    const [request] = await pendingIs(stage.stream, 0);
    expect(request!.turnId).toBe('new');
    expect(await approve(stage, request!)).toBe('0 answered accepted');
  });
});

describe('the approval of what a server still waits for', () => {
  test('counts while nobody is connected, and after a gap', async () => {
    for (const isAway of [true, false]) {
      const stage = await asked();
      const { server, stream, old } = stage;
      const gap = next(stream.gaps$);
      for (const socket of server.sockets) socket.terminate();
      await waits(stream);
      if (!isAway) await firstValueFrom((await gap).recovery$);
      expect(await approve(stage, old)).toBe('0 answered accepted');
      expect(server.posts).toEqual(['/api/approvals/0/decision']);
    }
  });

  test('is sent again as soon as the server says what it waits for', async () => {
    let asks = 0;
    const stage = await asked({
      async fetch(url, request) {
        const isQuestion = request.method !== 'POST';
        if (isQuestion && ++asks < 4) throw new Error('ECONNREFUSED');
        return fetch(url, request);
      },
      reconnect: { base: 60_000 },
    });
    for (const socket of stage.server.sockets) socket.terminate();
    await waits(stage.stream);
    expect(await approve(stage, stage.old)).toBe('0 answered accepted');
    expect(asks).toBeGreaterThanOrEqual(4);
    expect(stage.server.posts).toHaveLength(1);
  });
});

describe('an answer that does not arrive on a connection that counts as open', () => {
  const request = {
    method: command,
    requestId: 0,
    event: envelope('app_server.request.item.commandExecution.requestApproval'),
  } as unknown as ServerRequest;

  /** Tries to send an answer in virtual time: when REST fails, and what became of the answer. */
  function sent(isAway: (time: number) => boolean, isHanging: (time: number) => boolean) {
    const time = () => asyncScheduler.now();
    const ends: string[] = [];
    const connection = {};
    marbles(() => {
      const port = requestPort(
        () =>
          isAway(time())
            ? throwError(() => new Error('ECONNREFUSED'))
            : of({ status: 200, body: null } as RestAnswer),
        () => 1,
        {
          connection: () => connection,
          opened$: NEVER,
          // As long as a ping is waited for.
          answered$: defer(() => (isHanging(time()) ? timer(2_000) : of(0))).pipe(
            map((waited) => waited === 0 && !isHanging(time())),
          ),
          prove: () => of(true),
          keyOf: () => undefined,
          mayAnswer: () => true,
        },
      );
      const delivery = port.prepare(request, accept(), '{}');
      if ('send' in delivery) {
        delivery.send().subscribe(({ status }) => ends.push(`${status} at ${time()}`));
      }
    });
    return ends;
  }

  test.each([1_000, 20_000, 60_000, 300_000])(
    'is kept while the connection hangs for %i ms, and then delivered',
    (outage) => {
      const [end] = sent(
        (time) => time < outage,
        (time) => time < outage,
      );
      const [, status, at] = /^(\w+) at (\d+)$/.exec(end!)!;
      expect(status).toBe('answered');
      // The longest pause between two attempts, and the ping before it.
      expect(Number(at) - outage).toBeLessThanOrEqual(8_000 + 2_000);
    },
  );

  test('has failed after six attempts if the server is there all the time', () => {
    const waits = 500 + 1_000 + 2_000 + 4_000 + 8_000;
    const ends = sent(
      () => true,
      () => false,
    );
    expect(ends).toEqual([`failed at ${waits}`]);
  });

  test('counts only the attempts since the server is there again', () => {
    const [end] = sent(
      () => true,
      (time) => time < 60_000,
    );
    expect(end).toMatch(/^failed at /);
    expect(Number(/\d+$/.exec(end!))).toBeGreaterThan(60_000 + 5 * 8_000 - 1);
  });
});
