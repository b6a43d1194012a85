import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { connectManager, defineSkill, remoteSkills } from 'codex-rx';
import { connectAppServer } from 'codex-rx/node';
import {
  startFakeAppServer,
  startFakeManager,
  type FakeAppServer,
  type FakeManager,
} from 'codex-rx/testing';
import { getEventListeners } from 'node:events';
import { lastValueFrom } from 'rxjs';

let manager: FakeManager;
let appServer: FakeAppServer;
beforeAll(async () => {
  [manager, appServer] = await Promise.all([startFakeManager(), startFakeAppServer()]);
});
afterAll(() => Promise.all([manager.close(), appServer.close()]));

const skill = defineSkill({
  name: 'wait',
  description: 'Takes its time.',
  handler: () => new Promise((resolve) => setTimeout(resolve, 5, 'done')),
});
const call = { type: 'call', payload: { params: { tool: 'wait', arguments: {} } } };
const log = false as const;

test.each<[string, (signal: AbortSignal) => Promise<unknown>]>([
  [
    'calls',
    async (signal) => {
      await using stream = connectAppServer({ url: appServer.url, log });
      await many(() => stream.call('thread/loaded/list', {}, { signal }), signal);
    },
  ],
  [
    'calls as Observables',
    async (signal) => {
      await using stream = connectAppServer({ url: appServer.url, log });
      await many(() => lastValueFrom(stream.call$('thread/loaded/list', {}, { signal })), signal);
    },
  ],
  [
    'questions by REST',
    async (signal) => {
      await using stream = connectManager({ url: manager.url, log });
      await many(() => stream.rest('/api/health', undefined, { signal }), signal);
    },
  ],
  [
    'calls of skills',
    async (signal) => {
      await using stream = connectManager({ url: manager.url, log });
      const skills = remoteSkills(stream, { skills: [skill], threadId: 't', concurrency: 99 });
      await many(() => skills.dispatch(call as never, { signal }), signal);
    },
  ],
  [
    'streams',
    (signal) =>
      many(async () => {
        await using stream = connectManager({ url: manager.url, log, signal });
        await stream.connect();
      }, signal),
  ],
])('%s that share a signal add one listener, and leave none', async (_, use) => {
  const { signal } = new AbortController();
  await use(signal);
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
});

/** Does the same twelve times at once. */
async function many(act: () => Promise<unknown>, signal: AbortSignal): Promise<void> {
  const acts = Array.from({ length: 12 }, act);
  expect(getEventListeners(signal, 'abort')).toHaveLength(1);
  await Promise.all(acts);
}
