import { afterEach, expect, test } from '@jest/globals';
import { connectAppServer } from 'codex-rx/node';
import { startFakeAppServer, type FakeAppServer } from 'codex-rx/testing';
import { setTimeout as sleep } from 'node:timers/promises';

let server: FakeAppServer;
afterEach(() => server.close());

test('a call opens the stream until it is closed', async () => {
  server = await startFakeAppServer();
  await using stream = connectAppServer({ url: server.url, linger: 10 });
  const states: string[] = [];
  stream.status$.subscribe(({ state }) => states.push(state));
  await stream.call('thread/loaded/list', {});
  await sleep(100);
  expect(states.at(-1)).toBe('open');
});
