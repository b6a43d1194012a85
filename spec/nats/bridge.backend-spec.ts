import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { connectManager, type ManagerStream } from 'codex-rx';
import { consumeFrom, publishTo } from 'codex-rx/nats';
import { readRecording } from 'codex-rx/recording';
import { startFakeManager } from 'codex-rx/testing';
import { readFileSync } from 'node:fs';
import { installRules } from '../nest/support/user-module.js';
import { startWorkers } from '../support/bridge.js';
import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import { eventually } from '../support/eventually.js';

let server: NatsServer;
let closings: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  server = await startNatsServer();
});

afterEach(async () => {
  for (const close of closings.reverse()) await close();
  closings = [];
  await server.close();
});

/** A publisher of a stream, which it connects. */
async function publish(stream: ManagerStream): Promise<void> {
  const options = { tenant: 'acme', partitions: 4, ttl: 2_000, log: false } as const;
  const publisher = publishTo(await server.connect(), stream, options);
  closings.push(() => stream.close());
  closings.push(() => publisher.close());
  await stream.connect();
  await publisher.ready;
}

describe.each(['one', 'leased'] as const)('over NATS, in mode %s, a codex-manager', (mode) => {
  it('has its deltas handled in order by three workers, a skill and a command answered once each', async () => {
    const manager = await startFakeManager({
      async turn(turn) {
        const call = { callId: 'c', namespace: null, tool: 'get_weather' };
        const answer = await turn.request('item/tool/call', {
          ...call,
          arguments: { city: 'Rome' },
        });
        await turn.request('item/commandExecution/requestApproval', { itemId: 'i', command: 'ls' });
        turn.say(`${JSON.stringify(answer)} ${'word '.repeat(200)}`);
      },
    });
    closings.push(() => manager.close());
    await publish(connectManager({ url: manager.url, log: false }));
    const threadId = manager.session();
    const { journal, workers } = await startWorkers(server, 'acme', threadId, 3, mode);
    closings.push(...workers.map((worker) => () => worker.close()));
    await fetch(`${manager.url}/api/sessions/${threadId}/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ text: 'all' }),
    });
    await eventually(() => journal.ended === 1);

    const seqs = journal.deltas.map(({ seq }) => seq);
    expect(seqs).toEqual([...seqs].sort((a, b) => a - b));
    expect(new Set(seqs).size).toBe(seqs.length);
    expect(journal.deltas.map(({ text }) => text).join('')).toBe(journal.messages.join(''));
    expect(journal.messages[0]).toContain('Sunny in Rome.');
    expect(journal.answered).toEqual(['get_weather', 'item/commandExecution/requestApproval']);
    await eventually(() => journal.outcomes.length === 2);
    expect(journal.outcomes).toEqual(['answered', 'answered']);
    const posted = manager.calls.filter(
      ({ method, url }) => method === 'POST' && /decision|response/.test(url),
    );
    expect(posted.map(({ status }) => status)).toEqual([200, 200]);
  });

  // spec/nest/same-module.spec.ts compares one process with Nest, on the same recordings.
  it.each([
    ['02-shell-approval.jsonl', /commandExecution.*accept/],
    ['04-dynamic-tool-call.jsonl', /item\/tool\/call.*T-1 is open/],
  ])(
    'lets a user module do the same on three workers as in one process: %s',
    async (recording, expected) => {
      const url = new URL(`../recordings/codex-manager/${recording}`, import.meta.url);
      const text = readFileSync(url, 'utf8');
      const threadId = /"threadId":"([\w-]+)"/.exec(text)?.[1] ?? '';
      const isOver = (lines: readonly string[]) => lines.at(-1)?.endsWith('is completed') ?? false;

      const alone: string[] = [];
      const first = await startFakeManager();
      const stream = connectManager({ url: first.url, log: false });
      installRules(stream, threadId, (line) => alone.push(line));
      await stream.connect();
      await first.play(readRecording(text));
      await eventually(() => isOver(alone));
      await stream.close();
      await first.close();

      const shared: string[] = [];
      const second = await startFakeManager();
      closings.push(() => second.close());
      await publish(connectManager({ url: second.url, log: false }));
      for (let worker = 0; worker < 3; worker++) {
        const nc = await server.connect();
        const options = { tenant: 'acme', group: 'g', from: 'all', mode, log: false } as const;
        const one = consumeFrom(nc, options);
        installRules(one, threadId, (line) => shared.push(line));
        closings.push(() => one.close());
        await one.connect();
      }
      await second.play(readRecording(text));
      await eventually(() => isOver(shared));

      // Requests are worked on apart from the events, so only each of the two has an order.
      const isRequest = (line: string) => line.startsWith('item/');
      const eventsOf = (lines: readonly string[]) => lines.filter((line) => !isRequest(line));
      expect(eventsOf(shared)).toEqual(eventsOf(alone));
      expect(shared.filter(isRequest).sort()).toEqual(alone.filter(isRequest).sort());
      expect(alone.some((line) => expected.test(line))).toBe(true);
    },
  );
});
