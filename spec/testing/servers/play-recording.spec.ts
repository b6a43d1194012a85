import { afterEach, describe, expect, test } from '@jest/globals';
import { connectManager, approvals, ofAppServer, toolResult } from 'codex-rx';
import { connectAppServer } from 'codex-rx/node';
import { readRecording, type RecordedEntry } from 'codex-rx/recording';
import { startFakeAppServer, startFakeManager } from 'codex-rx/testing';
import { readFileSync } from 'node:fs';
import { firstValueFrom } from 'rxjs';
import { until } from '../../support/until.js';
import { accept } from '../../support/answers.js';

const closings: (() => PromiseLike<unknown>)[] = [];

afterEach(async () => {
  for (const close of closings.splice(0).reverse()) await close();
});

const entriesOf = (path: string): readonly RecordedEntry[] =>
  readRecording(readFileSync(new URL(`../../recordings/${path}`, import.meta.url), 'utf8')).entries;

async function manage(stopped = false) {
  const server = await startFakeManager();
  const stream = connectManager({ url: server.url, health: false });
  const settled: string[] = [];
  stream.requests.settled$.subscribe(({ request, outcome }) =>
    settled.push(`${request.requestId} ${outcome}`),
  );
  const types: string[] = [];
  stream.events$.subscribe(({ type }) => types.push(type));
  closings.push(
    () => (stopped ? Promise.resolve() : server.close()),
    () => stream.close(),
  );
  await stream.connect();
  return { server, stream, settled, types };
}

describe('a recording', () => {
  test('is played by a fake manager, and waits for what its client has answered', async () => {
    const { server, stream, settled, types } = await manage();
    const entries = entriesOf('codex-manager/02-shell-approval.jsonl');
    let isOver = false;
    const played = server.play(entries).then(() => (isOver = true));
    const request = await firstValueFrom(stream.requests.opened$);
    expect(request.requestId).toBe(0);
    expect([isOver, types.includes('approval_resolved')]).toEqual([false, false]);
    await stream.requests.answer(request as never, accept());
    await played;
    await until(() => types.includes('app_server.turn.completed'));
    expect(settled).toEqual(['0 answered']);
    const sent = entries.flatMap(({ dir, frame }) =>
      dir === 'in' ? [(frame as { type: string }).type] : [],
    );
    // What was sent, but for the greeting, in the recorded order.
    await until(() => types.length === sent.length - 1);
    expect(types).toEqual(sent.slice(1));
  });

  test('is played as it is, if nobody else is to answer', async () => {
    const { server, settled, types } = await manage();
    await server.play(entriesOf('codex-manager/04-dynamic-tool-call.jsonl'), {
      answers: 'recorded',
    });
    await until(() => types.includes('app_server.turn.completed'));
    expect(settled).toEqual([
      '0 answered-elsewhere',
      '1 answered-elsewhere',
      '2 answered-elsewhere',
    ]);
  });

  test('of several sockets is played once, and expires what had expired', async () => {
    const { server, settled, types } = await manage();
    const answers = 'recorded';
    await server.play(entriesOf('codex-manager/05-filtered-vs-unfiltered.jsonl'), { answers });
    const completed = () => types.filter((type) => type === 'app_server.turn.completed');
    await until(() => completed().length === 3);
    await server.play(entriesOf('codex-manager/17-interrupt-while-pending.jsonl'), { answers });
    await until(() => settled.length === 2);
    expect(settled).toEqual(['8 expired', '9 expired']);
  });

  test('is played as fast as it is told to, until the server is closed', async () => {
    const { server } = await manage(true);
    const entry = (t: number): RecordedEntry => ({
      t,
      dir: 'in',
      sock: 'all',
      frame: { type: 'project_deleted', threadId: null, payload: { t } },
    });
    const start = performance.now();
    await server.play([0, 20, 40].map(entry), { speed: 2 });
    expect(performance.now() - start).toBeGreaterThan(15);
    const played = server.play([0, 3_600_000, 7_200_000].map(entry), { speed: 1 });
    await server.close();
    await played;
  });

  test('is played by a fake app-server to who follows its threads', async () => {
    const ids = { thread: '01a203dc-672c-7ee0-801a-f144445b24b3', turn: '' };
    const server = await startFakeAppServer({ newId: (kind) => ids[kind] });
    const stream = connectAppServer({ url: server.url });
    closings.push(
      () => server.close(),
      () => stream.close(),
    );
    const calls: unknown[] = [];
    stream.requests.serve('item/tool/call', ({ requestId, params }) => {
      calls.push([requestId, params.tool]);
      return toolResult('sunny');
    });
    let turns = 0;
    stream.on(ofAppServer('turn/completed'), () => {
      turns++;
    });
    await stream.call('thread/start', {});
    const entries = entriesOf('app-server/dynamic-tool.jsonl');
    await server.play(entries);
    await until(() => turns === 3);
    expect(calls).toEqual([
      [8, 'get_weather'],
      [9, 'show_card'],
      [10, 'get_weather'],
    ]);
    await server.play(entriesOf('app-server/two-clients.jsonl'), { answers: 'recorded' });
  });

  test('of approvals is answered by what serves them', async () => {
    const { server, stream, settled } = await manage();
    stream.requests.serve(approvals, () => accept());
    await server.play(entriesOf('codex-manager/03-file-change-approval.jsonl'));
    await until(() => settled.length === 1);
    expect(settled).toEqual(['3 answered']);
  });
});
