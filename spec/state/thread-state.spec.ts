import { afterEach, describe, expect, test } from '@jest/globals';
import {
  connectManager,
  threadState,
  type CodexStream,
  type ThreadState,
  type LiveState,
} from 'codex-rx';
import { connectAppServer } from 'codex-rx/node';
import { startFakeAppServer, startFakeManager, startFaultProxy } from 'codex-rx/testing';
import { filter, firstValueFrom, toArray } from 'rxjs';

const closables: { close(): Promise<unknown> }[] = [];

function closing<T extends { close(): Promise<unknown> }>(closable: T): T {
  closables.push(closable);
  return closable;
}

afterEach(async () => {
  for (const closable of closables.splice(0).reverse()) await closable.close();
});

/** The first state that passes. */
const stateWhere = (states$: LiveState<ThreadState>, predicate: (state: ThreadState) => boolean) =>
  firstValueFrom(states$.pipe(filter(predicate)));

const texts = ({ turns }: ThreadState) =>
  turns.flatMap(({ items }) => items.map(({ text }) => text)).filter((text) => text !== '');

const statuses = ({ turns }: ThreadState) => turns.map(({ status }) => status);

const isJoined = ({ snapshot }: ThreadState) => snapshot === 'joined';

/** A stream whose `events$` cannot be subscribed. */
const withoutEvents = <Stream extends CodexStream>(stream: Stream): Stream =>
  Object.defineProperty(Object.create(stream) as Stream, 'events$', {
    get() {
      throw new Error('events$ was looked at');
    },
  });

const startAppServer = async () => {
  const server = closing(await startFakeAppServer());
  const proxy = closing(await startFaultProxy({ target: server.url }));
  const connect = (url = proxy.url) =>
    closing(connectAppServer({ url, log: false, reconnect: { base: 5, cap: 5 } }));
  let threads = 0;
  const thread = () => `thread-${++threads}`;
  return { server, proxy, stream: connect() as CodexStream, connect, thread };
};

const startManager = async () => {
  const server = closing(await startFakeManager());
  const proxy = closing(await startFaultProxy({ target: server.url }));
  const connect = (url = proxy.url) =>
    closing(connectManager({ url, log: false, reconnect: { base: 5, cap: 5 } }));
  return {
    server,
    proxy,
    stream: connect() as CodexStream,
    connect,
    thread: () => server.session(),
  };
};

describe.each([
  ['codex app-server', startAppServer],
  ['codex-manager', startManager],
])('on %s, the state of a thread', (_, start) => {
  test('is what the server stores, and then what happens', async () => {
    const { server, stream, thread } = await start();
    const id = thread();
    const turn = server.startTurn(id, 'Hi');
    turn.say('before');
    const states$ = threadState(withoutEvents(stream), id, { freeze: true });
    expect(texts(await stateWhere(states$, isJoined))).toEqual(['before']);
    turn.say('and after');
    turn.complete();
    const state = await stateWhere(states$, (state) => statuses(state).at(-1) === 'completed');
    expect(texts(state)).toEqual(['before', 'and after']);
    expect(state.error).toBeNull();
  });

  test('is joined again after a gap, and doubles nothing', async () => {
    const { server, proxy, stream, thread } = await start();
    const id = thread();
    const turn = server.startTurn(id, 'Hi');
    const states$ = threadState(stream, id, { freeze: true });
    const reader = states$.subscribe();
    await stateWhere(states$, isJoined);
    turn.say('heard');
    await stateWhere(states$, (state) => texts(state).includes('heard'));
    proxy.reset();
    turn.say('missed');
    turn.complete();
    const state = await stateWhere(states$, ({ gaps }) => gaps.some(({ recovered }) => recovered));
    expect(state.snapshot).toBe('joined');
    expect(texts(state)).toEqual(['heard', 'missed']);
    expect(statuses(state).at(-1)).toBe('completed');
    reader.unsubscribe();
  });

  test('has the requests of the thread, and the root that asks', async () => {
    const { server, stream, thread } = await start();
    const id = thread();
    const turn = server.startTurn(id, 'Hi');
    const states$ = threadState(stream, id, { freeze: true });
    const reader = states$.subscribe();
    await stateWhere(states$, isJoined);
    void server.request(thread(), 'item/tool/call', { callId: 'x', tool: 't', arguments: {} });
    void turn.request('item/commandExecution/requestApproval', { itemId: 'c', command: 'ls' });
    const { requests } = await stateWhere(states$, ({ requests }) => requests.length > 0);
    expect(requests).toMatchObject([{ kind: 'commandExecution', itemId: 'c', rootThreadId: id }]);
    turn.complete();
    await stateWhere(states$, ({ requests }) => requests.length === 0);
    reader.unsubscribe();
  });

  test('completes with its stream', async () => {
    const { server, stream, thread } = await start();
    const id = thread();
    server.startTurn(id).complete();
    const states$ = threadState(stream, id, { freeze: true });
    const all = firstValueFrom(states$.pipe(toArray()));
    await stateWhere(states$, isJoined);
    await stream.close();
    expect((await all).at(-1)).toMatchObject({ snapshot: 'joined', error: null });
  });

  test('of a stream that is closed is a state that says so', async () => {
    const { stream, thread } = await start();
    await stream.close();
    const all = await firstValueFrom(
      threadState(stream, thread(), { freeze: true }).pipe(toArray()),
    );
    expect(all).toMatchObject([
      { turns: [], snapshot: 'failed', error: { message: 'The stream is closed.' } },
    ]);
  });
});
