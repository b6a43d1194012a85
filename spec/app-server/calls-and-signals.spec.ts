import { afterEach, expect, test } from '@jest/globals';
import { connectAppServer } from 'codex-rx/node';
import { startFakeAppServer, type FakeAppServer } from 'codex-rx/testing';
import { getEventListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

let server: FakeAppServer;
afterEach(() => server.close());

test('calls that share a signal add one listener, and leave none', async () => {
  server = await startFakeAppServer();
  const { signal } = new AbortController();
  await using stream = connectAppServer({ url: server.url });
  const calls = Array.from({ length: 12 }, () => stream.call('thread/loaded/list', {}, { signal }));
  expect(getEventListeners(signal, 'abort')).toHaveLength(1);
  await Promise.all(calls);
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
});

test('a call opens the stream until it is closed', async () => {
  server = await startFakeAppServer();
  await using stream = connectAppServer({ url: server.url, linger: 10 });
  const states: string[] = [];
  stream.status$.subscribe(({ state }) => states.push(state));
  await stream.call('thread/loaded/list', {});
  await sleep(100);
  expect(states.at(-1)).toBe('open');
});
