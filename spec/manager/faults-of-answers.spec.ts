import { describe, expect, jest, test } from '@jest/globals';
import { toolResult, type ManagerStream, type Settlement } from 'codex-rx';
import { firstValueFrom, skip } from 'rxjs';
import {
  connect,
  next,
  pendingIs,
  short,
  startManager,
  type Manager,
} from '../requests/stage-manager.js';
import { accept } from '../support/answers.js';

const call = 'item/tool/call';
const command = 'item/commandExecution/requestApproval';

/** Cuts everybody off: resolves when the stream is back, and has asked what is pending. */
async function interrupt(server: Manager, stream: ManagerStream): Promise<void> {
  const gap = next(stream.gaps$);
  for (const socket of server.sockets) socket.terminate();
  const { recovery$ } = await gap;
  await next(recovery$);
}

const settled = (stream: ManagerStream, id: number): Promise<Settlement> =>
  next(stream.requests.settled$, ({ request }) => request.requestId === id);

describe('what other clients get wrong about answers', () => {
  test('11. handlers that run before the check for duplicates: one run, however often a call comes', async () => {
    const server = await startManager();
    const stream = await connect(server, { threadId: 't' });
    let finish = () => {};
    const finished = new Promise<void>((resolve) => (finish = resolve));
    const handler = jest.fn(async () => {
      await finished;
      return toolResult('x');
    });
    stream.requests.serve(call, handler);
    const redeliver = async () => {
      server.ask(call, 0);
      await stream.requests.refresh('t');
      await interrupt(server, stream);
    };
    server.ask(call, 0);
    await redeliver();
    const end = settled(stream, 0);
    finish();
    expect(short(await end)).toBe('0 answered accepted');
    await redeliver();
    server.ask(call, 1);
    expect(short(await settled(stream, 1))).toBe('1 answered accepted');
    expect(handler).toHaveBeenCalledTimes(2);
    expect(server.posts).toEqual(['/api/tool-calls/0/response', '/api/tool-calls/1/response']);
  });

  test('12. a call known by its id alone: after a restart, the same id is another call, and is answered', async () => {
    const server = await startManager();
    const stream = await connect(server);
    const turns: unknown[] = [];
    stream.requests.serve(call, ({ turnId }) => {
      turns.push(turnId);
      return toolResult('x');
    });
    for (const turnId of ['u1', 'u2']) {
      const end = settled(stream, 0);
      server.ask(call, 0, { turnId });
      expect(short(await end)).toBe('0 answered accepted');
      await interrupt(server, stream);
    }
    expect(turns).toEqual(['u1', 'u2']);
    expect(server.posts).toHaveLength(2);
  });

  test('12. a call known by its id alone: a decision about the old 0 is none about the new one', async () => {
    const server = await startManager();
    const stream = await connect(server);
    server.ask(command, 0, { turnId: 'old' });
    const [old] = await pendingIs(stream, 0);
    server.pending.clear();
    server.ask(command, 0, { turnId: 'new' });
    await interrupt(server, stream);
    const answered = stream.requests.answer(old as never, accept());
    await expect(answered).rejects.toMatchObject({ name: 'AnswerError', kind: 'settled' });
    expect(server.posts).toEqual([]);
    const [request] = await pendingIs(stream, 0);
    expect(request!.turnId).toBe('new');
  });

  test('13. a memory that forgets at random: of 1,001 answered calls, the last 1,000 are known', async () => {
    const server = await startManager();
    const stream = await connect(server, {
      fetch: async () => ({ status: 200, json: async () => ({ status: 'ok' }) }),
    });
    const handler = jest.fn(() => toolResult('x'));
    stream.requests.serve(call, handler);
    const all = Array.from({ length: 1_001 }, (_, id) => id);
    // Answers go out side by side: the last one need not be settled last.
    const answered = (count: number) =>
      firstValueFrom(stream.requests.settled$.pipe(skip(count - 1)));
    const first = answered(1_001);
    for (const id of all) server.ask(call, id);
    await first;
    const second = answered(1);
    for (const id of all.slice(1)) server.ask(call, id);
    server.ask(call, 1_001);
    await second;
    expect(stream.requests.stats()).toMatchObject({ opened: 1_002, answered: 1_002 });
    expect(handler).toHaveBeenCalledTimes(1_002);
  });

  test('13. a 404 that counts as success: what is not there any more is lost', async () => {
    const server = await startManager(() => 404);
    const stream = await connect(server);
    stream.requests.serve(call, () => toolResult('x'));
    server.ask(call, 0);
    expect(short(await settled(stream, 0))).toBe('0 lost gone');
    expect(stream.requests.stats()).toMatchObject({ answered: 0, lost: 1 });
  });

  test.each([
    ['of one thread', { threadId: 't' }],
    ['of every thread', {}],
  ])(
    '14. a session of one mode: one handler serves what is live, was pending at start, and after a gap (%s)',
    async (_, options) => {
      const server = await startManager();
      server.ask(call, 0);
      const stream = await connect(server, options);
      const served: unknown[] = [];
      stream.requests.serve(call, ({ requestId }) => {
        served.push(requestId);
        return toolResult('x');
      });
      await settled(stream, 0);
      server.ask(call, 1);
      await settled(stream, 1);
      const end = settled(stream, 2);
      for (const socket of server.sockets) socket.terminate();
      server.ask(call, 2);
      expect(short(await end)).toBe('2 answered accepted');
      // Whoever drains what is pending once more finds nothing, and fails at nothing.
      expect(await stream.requests.refresh('t')).toBe(true);
      expect(served).toEqual([0, 1, 2]);
      expect(server.pending.size).toBe(0);
    },
  );

  test.each([
    [400, 'refused'],
    [413, 'too-large'],
  ])(
    '15. a rejected answer that is sent again: %i is told, and neither sent again nor asked for again',
    async (status, kind) => {
      const server = await startManager((_, attempt) => (attempt === 1 ? status : null));
      const stream = await connect(server, { threadId: 't' });
      const handler = jest.fn(() => toolResult('x'));
      stream.requests.serve(call, handler);
      const failed = next(stream.requests.errors$);
      server.ask(call, 0);
      expect((await failed).cause).toMatchObject({ name: 'AnswerError', kind, status });
      for (let round = 0; round < 3; round++) await stream.requests.refresh('t');
      await interrupt(server, stream);
      expect(handler).toHaveBeenCalledTimes(1);
      expect(server.posts).toHaveLength(1);
      const [request] = await pendingIs(stream, 0);
      const answered = stream.requests.answer(
        request as never,
        toolResult('y', { success: false }),
      );
      expect(short(await answered)).toBe('0 answered accepted');
      expect(server.posts).toHaveLength(2);
    },
  );

  test('15. a tool answer of 1.2 MB that loops: it is told as too large, and a smaller one is taken', async () => {
    const server = await startManager();
    const stream = await connect(server, { threadId: 't' });
    const handler = jest.fn(() => toolResult('x'.repeat(1_200_000)));
    stream.requests.serve(call, handler);
    const failed = next(stream.requests.errors$);
    server.ask(call, 0);
    expect((await failed).cause).toMatchObject({ name: 'AnswerError', kind: 'too-large' });
    for (let round = 0; round < 3; round++) await stream.requests.refresh('t');
    await interrupt(server, stream);
    expect(handler).toHaveBeenCalledTimes(1);
    const [request] = await pendingIs(stream, 0);
    expect(request!.state).toBe('open');
    const smaller = toolResult('It is too large.', { success: false });
    expect(short(await stream.requests.answer(request as never, smaller))).toBe(
      '0 answered accepted',
    );
    // The smaller one is the only one that went out.
    expect(server.posts).toEqual(['/api/tool-calls/0/response']);
    expect(server.pending.size).toBe(0);
  });

  test.each([true, false, 1.5, {}, ''])(
    '18. true passes for an id: %j is none',
    async (requestId) => {
      const server = await startManager();
      const stream = await connect(server);
      const opened: unknown[] = [];
      stream.requests.opened$.subscribe((request) => opened.push(request.requestId));
      const malformed = next(stream.malformed$);
      const told = { signalType: 'request', method: call, params: {} };
      const event = { type: 'app_server.request.item.tool.call', threadId: 't' };
      server.send({ ...event, payload: { ...told, requestId } } as never);
      server.send({ ...event, requestId, payload: told } as never);
      server.ask(call, 1);
      await pendingIs(stream, 1);
      expect((await malformed).reason).toBe('bad-request-id');
      expect(opened).toEqual([1]);
    },
  );
});
