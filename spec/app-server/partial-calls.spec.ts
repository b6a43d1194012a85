import { afterEach, describe, expect, test } from '@jest/globals';
import { lastValueFrom, take, toArray } from 'rxjs';
import { connectAppServer } from 'codex-rx/node';
import { startFakeAppServer, type FakeAppServer } from 'codex-rx/testing';
import type { ExperimentalClientRequestParams, Outgoing } from '../../lib/protocol/index.js';
import { cancelMethods } from '../../lib/app-server/partial-calls.js';
import { until } from '../support/until.js';

const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function stage() {
  const server = await startFakeAppServer();
  const stream = connectAppServer({ url: server.url, experimental: true, random: () => 0 });
  closing.push(
    () => stream.close(),
    () => server.close(),
  );
  return { server, stream };
}

/** Answers nothing, and keeps the ids of the calls, and of those that were cancelled. */
function holding(server: FakeAppServer, method: string, cancel: string) {
  const ids: unknown[] = [];
  const cancelled: unknown[] = [];
  server.handle(method, (_, id) => {
    ids.push(id);
    return null;
  });
  server.handle(cancel, ({ requestId }) => {
    cancelled.push(requestId);
    return { result: {} };
  });
  return { ids, cancelled };
}

const search = 'thread/search/stream';
const page = (snippet: string) => ({ data: [{ snippet, thread: {} }] });

describe('a call', () => {
  test('has an id, which is fixed at once and is its own', async () => {
    const { server, stream } = await stage();
    const { ids } = holding(server, 'thread/search', 'thread/search/cancel');
    const calls = ['a', 'b'].map((searchTerm) => stream.call('thread/search', { searchTerm }));
    const fixed = calls.map(({ id }) => id);
    for (const call of calls) call.catch(() => undefined);
    await until(() => ids.length === 2);
    expect(ids).toEqual(fixed);
    expect(new Set(fixed).size).toBe(2);
  });

  test('keeps its id when an overloaded server is asked again', async () => {
    const { server, stream } = await stage();
    const ids: unknown[] = [];
    server.handle('thread/search', (_, id) => {
      ids.push(id);
      return ids.length === 1
        ? { error: { code: -32001, message: 'Server overloaded; retry later.' } }
        : { result: page('found') };
    });
    const call = stream.call('thread/search', { searchTerm: 'a' });
    expect(await call).toEqual(page('found'));
    expect(ids).toEqual([call.id, call.id]);
  });

  test.each([
    ['is aborted', (abort: AbortController) => ({ options: { signal: abort.signal }, abort })],
    ['takes too long', (abort: AbortController) => ({ options: { timeout: 200 }, abort })],
  ] as const)('that %s is cancelled at the server, where there is a method', async (_, given) => {
    const { server, stream } = await stage();
    await stream.connect();
    const { ids, cancelled } = holding(server, 'thread/search', 'thread/search/cancel');
    const { options, abort } = given(new AbortController());
    const call = stream.call('thread/search', { searchTerm: 'a' }, options);
    const failed = call.catch((error: unknown) => error);
    await until(() => ids.length === 1);
    abort.abort();
    expect(await failed).toMatchObject({ outcomeUnknown: true });
    await until(() => cancelled.length > 0);
    expect(cancelled).toEqual([call.id]);
  });

  test('that was not sent, or has its result, is not cancelled', async () => {
    const { server, stream } = await stage();
    const { cancelled } = holding(server, 'x', 'thread/search/cancel');
    server.handle('thread/search', () => ({ result: page('found') }));
    const early = new AbortController();
    const options = { signal: early.signal };
    const unsent = stream.call('thread/search', { searchTerm: 'a' }, options).catch(() => 'unsent');
    early.abort();
    expect(await unsent).toBe('unsent');
    const late = new AbortController();
    await stream.call('thread/search', { searchTerm: 'a' }, { signal: late.signal });
    late.abort();
    await stream.call('thread/loaded/list', {});
    expect(cancelled).toEqual([]);
  });

  test('emits the parts of its own result, and the result last', async () => {
    const { server, stream } = await stage();
    server.handle(search, (_, requestId) => {
      server.notify(null, 'thread/search/partial', { requestId: 'other', ...page('other') });
      server.notify(null, 'thread/search/partial', { requestId, ...page('one') });
      server.notify(null, 'thread/search/partial', { requestId, ...page('two') });
      return { result: { ...page('all'), nextCursor: null } };
    });
    const values$ = stream.call$(search, { searchTerm: 'a' });
    const values = await lastValueFrom(values$.pipe(toArray()));
    expect(values.map(({ data }) => data[0]?.snippet)).toEqual(['one', 'two', 'all']);
    // Each subscription is a call of its own.
    expect(await lastValueFrom(values$)).toMatchObject(page('all'));
    expect(await stream.call(search, { searchTerm: 'a' })).toMatchObject(page('all'));
  });

  test('is cancelled when its Observable is unsubscribed', async () => {
    const { server, stream } = await stage();
    const { ids, cancelled } = holding(server, search, `${search}/cancel`);
    const call = stream.call$(search, { searchTerm: 'a' }).subscribe();
    await until(() => ids.length === 1);
    call.unsubscribe();
    await until(() => cancelled.length > 0);
    server.handle(search, (_, requestId) => {
      server.notify(null, 'thread/search/partial', { requestId, ...page('one') });
      return null;
    });
    expect(await lastValueFrom(stream.call$(search, { searchTerm: 'a' }).pipe(take(1)))).toEqual(
      expect.objectContaining(page('one')),
    );
    await until(() => cancelled.length > 1);
    expect(cancelled[0]).toBe(ids[0]);
  });
});

type CancelMethod = {
  [
    Method in keyof ExperimentalClientRequestParams
  ]: ExperimentalClientRequestParams[Method] extends Outgoing.ThreadSearchCancelParams
    ? Method
    : never;
}[keyof ExperimentalClientRequestParams];

test('every method that cancels a call by its id is known', () => {
  const known: Record<CancelMethod, true> = {
    'thread/sample/cancel': true,
    'thread/search/cancel': true,
    'thread/search/stream/cancel': true,
    'userVerification/cancel': true,
  };
  expect([...new Set(Object.values(cancelMethods))].sort()).toEqual(Object.keys(known).sort());
});
