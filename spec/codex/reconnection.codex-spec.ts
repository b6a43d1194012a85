import { describe, expect, test } from '@jest/globals';
import {
  ofAppServer,
  ofAppServerRequest,
  type AppServerRequestEvent,
  type NotificationParams,
} from 'codex-rx';
import { startFaultProxy } from 'codex-rx/testing';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { filter, firstValueFrom, mergeMap, take, toArray } from 'rxjs';
import { codexSpecs, socksOf, type TestCodex, type TestStream } from '../support/codex-stream.js';
import { answersSent, collectDeltas, sent, startThread, startTurn } from '../support/codex-turn.js';
import { callTool, execCommand, gate, text, weather } from '../support/scripted-model.js';
import { until } from '../support/until.js';
import { answerRequest, unanswered } from '../support/open-requests.js';

const { start, closing } = codexSpecs();

const approval = 'item/commandExecution/requestApproval';

type Status = NotificationParams['thread/status/changed']['status'];

const isWaiting = (status: Status): boolean =>
  status.type === 'active' && status.activeFlags.includes('waitingOnApproval');

/** The approvals that handlers are asked for. */
function collectRequests(stream: TestStream) {
  const requests: AppServerRequestEvent<typeof approval>[] = [];
  stream.on(ofAppServerRequest(approval), (request) => {
    requests.push(request);
  });
  return requests;
}

/** What the next gap is worth. */
const nextRecovery = ({ gaps$ }: TestStream) =>
  firstValueFrom(gaps$.pipe(mergeMap(({ recovery$ }) => recovery$)));

/** Resolves when it has noticed that its connection is lost. */
const noticed = ({ status$ }: TestStream) =>
  firstValueFrom(status$.pipe(filter(({ state }) => state === 'waiting')));

const isBack = { recovered: [], complete: true, error: null };

const runs = (codex: TestCodex) => readFileSync(join(codex.cwd, 'ran'), 'utf8');

/** A codex behind a proxy, and a stream that was asked to approve a command. */
async function pending() {
  const codex = await start('websocket');
  const after = gate();
  codex.model.script('run', [
    execCommand('echo ran | tee -a ran', 'because'),
    text(after, 'Done.'),
  ]);
  const proxy = closing(await startFaultProxy({ target: codex.url }));
  const stream = codex.stream({ url: proxy.url });
  const requests = collectRequests(stream);
  await stream.connect();
  const threadId = await startThread(stream, { cwd: codex.cwd });
  const { ended } = await startTurn(stream, threadId, 'run');
  await until(() => requests.length === 1);

  /** The command ran once, and the handlers were asked once. */
  async function isOver(): Promise<void> {
    after.release();
    expect(await ended).toMatchObject({ status: 'completed' });
    expect(runs(codex)).toBe('ran\n');
    expect(codex.model.requests.at(-1)?.toolOutputs).toEqual([expect.stringContaining('ran')]);
    expect(requests).toHaveLength(1);
    expect(unanswered(stream)).toEqual([]);
    expect(answerRequest(stream, requests[0]!, { decision: 'decline' })).toBe(false);
  }

  return { codex, proxy, stream, threadId, request: requests[0]!, after, isOver };
}

/** How often the server asked for an approval. */
const timesAsked = ({ recorded }: TestStream) =>
  recorded.filter(
    ({ dir, frame }) => dir === 'in' && (frame as { method?: string }).method === approval,
  ).length;

describe('a request that waits while the connection is lost', () => {
  test.each(['cut', 'reset'] as const)('is asked once, when it is %s', async (fault) => {
    const { proxy, stream, request, isOver } = await pending();
    const recovery = nextRecovery(stream);
    proxy[fault]();
    expect(await recovery).toEqual({ ...isBack, restarted: false });
    await until(() => timesAsked(stream) === 2);
    expect(unanswered(stream)).toMatchObject([{ request }]);
    expect(answerRequest(stream, request, { decision: 'accept' })).toBe(true);
    await isOver();
    expect(answersSent(stream)).toHaveLength(1);
  });

  test('is answered when the stream is back, if it was answered meanwhile', async () => {
    const { proxy, stream, request, isOver } = await pending();
    proxy.set({ refuse: true });
    const recovery = nextRecovery(stream);
    proxy.reset();
    await noticed(stream);
    expect(answerRequest(stream, request, { decision: 'accept' })).toBe(true);
    expect(answerRequest(stream, request, { decision: 'accept' })).toBe(false);
    expect(unanswered(stream)).toEqual([]);
    proxy.set({ refuse: false });
    expect(await recovery).toEqual({ ...isBack, restarted: false });
    await isOver();
    expect(answersSent(stream)).toHaveLength(1);
    expect(timesAsked(stream)).toBe(2);
  });

  test('is answered again if the answer was lost on its way', async () => {
    const { proxy, stream, request, isOver } = await pending();
    proxy.set({ stall: { toServer: true } });
    expect(answerRequest(stream, request, { decision: 'accept' })).toBe(true);
    await sleep(50);
    const recovery = nextRecovery(stream);
    proxy.set({ stall: false });
    proxy.reset();
    expect(await recovery).toEqual({ ...isBack, restarted: false });
    await isOver();
    expect(answersSent(stream)).toHaveLength(2);
    expect(timesAsked(stream)).toBe(2);
  });

  test('is not answered again if only the news of it was lost', async () => {
    const { codex, proxy, stream, request, isOver } = await pending();
    proxy.set({ stall: { toClient: true } });
    expect(answerRequest(stream, request, { decision: 'accept' })).toBe(true);
    await until(() => codex.model.requests.length === 2);
    const recovery = nextRecovery(stream);
    proxy.set({ stall: false });
    proxy.reset();
    expect(await recovery).toEqual({ ...isBack, restarted: false });
    await isOver();
    expect(answersSent(stream)).toHaveLength(1);
    expect(timesAsked(stream)).toBe(1);
  });

  test('is settled if another client answered it meanwhile', async () => {
    const { codex, proxy, stream, threadId, request, isOver } = await pending();
    proxy.set({ refuse: true });
    const recovery = nextRecovery(stream);
    proxy.reset();
    const other = codex.stream();
    other.on(ofAppServerRequest(approval), (same) =>
      answerRequest(other, same, { decision: 'accept' }),
    );
    await other.connect();
    await other.call('thread/resume', { threadId, excludeTurns: true });
    await until(() => codex.model.requests.length === 2);
    expect(unanswered(stream)).toMatchObject([{ request }]);
    proxy.set({ refuse: false });
    expect(await recovery).toEqual({ ...isBack, restarted: false });
    await until(() => unanswered(stream).length === 0);
    await isOver();
    expect(answersSent(stream)).toEqual([]);
  });

  test('is handed out if it was asked meanwhile', async () => {
    const codex = await start('websocket');
    const before = gate();
    codex.model.script('run', [[before, execCommand('echo ran >> ran', 'because')], text('Done.')]);
    const proxy = closing(await startFaultProxy({ target: codex.url }));
    const stream = codex.stream({ url: proxy.url });
    const asked = collectRequests(stream);
    await stream.connect();
    const threadId = await startThread(stream, { cwd: codex.cwd });
    const { ended } = await startTurn(stream, threadId, 'run');
    await before.reached;
    proxy.set({ refuse: true });
    const recovery = nextRecovery(stream);
    proxy.reset();
    const other = codex.stream();
    const waits = firstValueFrom(
      other.events$.pipe(
        ofAppServer('thread/status/changed'),
        filter(({ payload: { params } }) => isWaiting(params.status)),
      ),
    );
    await other.connect();
    before.release();
    await waits;
    proxy.set({ refuse: false });
    expect(await recovery).toEqual({ ...isBack, restarted: false });
    await until(() => asked.length === 1);
    expect(answerRequest(stream, asked[0]!, { decision: 'accept' })).toBe(true);
    expect(await ended).toMatchObject({ status: 'completed' });
    expect(runs(codex)).toBe('ran\n');
  });
});

test('a tool call that waits while the connection is lost is made once', async () => {
  const codex = await start('websocket');
  codex.model.script('weather', [callTool('get_weather', {}), text('Nice.')]);
  const proxy = closing(await startFaultProxy({ target: codex.url }));
  const stream = codex.stream({ url: proxy.url });
  let calls = 0;
  stream.on(ofAppServerRequest('item/tool/call'), async (request) => {
    calls++;
    const back = firstValueFrom(stream.gaps$);
    proxy.reset();
    await back;
    const contentItems = [{ type: 'inputText', text: `sunny ${calls}` } as const];
    expect(answerRequest(stream, request, { contentItems, success: true })).toBe(true);
  });
  await stream.connect();
  const { ended } = await startTurn(
    stream,
    await startThread(stream, { cwd: codex.cwd, dynamicTools: [weather] }),
    'weather',
  );
  expect(await ended).toMatchObject({ status: 'completed' });
  expect(codex.model.requests.at(-1)?.toolOutputs).toEqual(['sunny 1']);
  expect(calls).toBe(1);
  expect(unanswered(stream)).toEqual([]);
});

describe('a connection that is lost', () => {
  test('and nobody tells is found out by a ping, and a quiet one is not', async () => {
    const codex = await start('websocket');
    const proxy = closing(await startFaultProxy({ target: codex.url }));
    const stream = codex.stream({ url: proxy.url, heartbeat: { interval: 50, timeout: 500 } });
    const lost = noticed(stream);
    await stream.connect();
    await until(() => sent(stream).filter(({ id }) => id === 'codex-rx.ping').length >= 3);
    expect(socksOf(stream)).toHaveLength(1);
    proxy.set({ stall: true });
    expect(await lost).toMatchObject({ error: { kind: 'silent' } });
    const back = firstValueFrom(stream.gaps$);
    proxy.set({ stall: false });
    expect((await back).duration).toBeGreaterThan(500);
  });

  test('in mid-stream costs the deltas of the gap, and no others', async () => {
    const codex = await start('websocket');
    const [away, back] = [gate(), gate()];
    codex.model.script('plain', [text('one ', away, 'two ', back, 'three')]);
    const proxy = closing(await startFaultProxy({ target: codex.url }));
    const stream = codex.stream({ url: proxy.url });
    const deltas = collectDeltas(stream);
    const texts: string[] = [];
    stream.on(ofAppServer('item/completed'), ({ payload: { params } }) => {
      if (params.item.type === 'agentMessage') texts.push(params.item.text);
    });
    await stream.connect();
    const threadId = await startThread(stream, { cwd: codex.cwd });
    const { ended } = await startTurn(stream, threadId, 'plain');
    await until(() => deltas.length === 1);
    proxy.set({ refuse: true });
    const recovery = nextRecovery(stream);
    proxy.cut();
    await until(() => proxy.connections.length === 0);
    away.release();
    await back.reached;
    await sleep(100);
    proxy.set({ refuse: false });
    expect(await recovery).toEqual({ ...isBack, restarted: false });
    back.release();
    expect(await ended).toMatchObject({ status: 'completed' });
    expect(deltas).toEqual(['one ', 'three']);
    expect(texts).toEqual(['one two three']);
  });

  test('again while its threads are resumed is one more gap, and calls wait for its end', async () => {
    const { proxy, stream, request, isOver } = await pending();
    const recoveries = firstValueFrom(
      stream.gaps$.pipe(
        mergeMap(({ recovery$ }) => recovery$),
        take(2),
        toArray(),
      ),
    );
    proxy.set({ delay: { toClient: 100 } });
    proxy.reset();
    await until(() => sent(stream).some(({ method }) => method === 'thread/loaded/list'));
    proxy.reset();
    await noticed(stream);
    const call = stream.call('thread/loaded/list', {});
    proxy.set({ delay: 0 });
    expect((await call).data).toHaveLength(1);
    expect(await recoveries).toMatchObject([
      { complete: false, error: { kind: 'lost' } },
      { ...isBack, restarted: false },
    ]);
    await until(() => timesAsked(stream) === 2);
    answerRequest(stream, request, { decision: 'accept' });
    await isOver();
  });
});

test('an answer for a codex that is gone is none for its successor, which counts from 0 too', async () => {
  const codex = await start('websocket');
  codex.model.script('run', [execCommand('echo mine >> ran', 'because')]);
  codex.model.script('other', [execCommand('echo theirs >> ran', 'because')]);
  const proxy = closing(await startFaultProxy({ target: codex.url }));
  const stream = codex.stream({ url: proxy.url });
  const requests = collectRequests(stream);
  await stream.connect();
  const threadId = await startThread(stream, { cwd: codex.cwd });
  await startTurn(stream, threadId, 'run');
  await until(() => requests.length === 1);
  proxy.set({ refuse: true });
  await codex.restart();

  const other = codex.stream();
  const otherRequests = collectRequests(other);
  await other.connect();
  await startTurn(other, await startThread(other, { cwd: codex.cwd }), 'other');
  await until(() => otherRequests.length === 1);
  expect(otherRequests[0]!.requestId).toBe(requests[0]!.requestId);

  // As soon as it can be: nobody knows yet who is there.
  stream.gaps$.subscribe(() => answerRequest(stream, requests[0]!, { decision: 'accept' }));
  const recovery = nextRecovery(stream);
  proxy.set({ refuse: false });
  expect(await recovery).toEqual({ ...isBack, restarted: true });
  await sleep(200);
  expect(answersSent(stream)).toEqual([]);
  expect(unanswered(other)).toMatchObject([{ request: otherRequests[0] }]);
  expect(existsSync(join(codex.cwd, 'ran'))).toBe(false);
});

describe.each(['websocket', 'unix socket', 'stdio'] as const)('over %s, a codex', (transport) => {
  test('that was killed and started again has forgotten its requests, not its threads', async () => {
    const codex = await start(transport);
    codex.model.script('run', [execCommand('echo ran >> ran', 'because'), text('Done.')]);
    const stream = codex.stream();
    const requests = collectRequests(stream);
    await stream.connect();
    const threadId = await startThread(stream, { cwd: codex.cwd });
    await startTurn(stream, threadId, 'run');
    await until(() => requests.length === 1);

    const recovery = nextRecovery(stream);
    await codex.restart();
    expect(await recovery).toEqual({ ...isBack, restarted: true });
    expect(unanswered(stream)).toEqual([]);
    expect(answerRequest(stream, requests[0]!, { decision: 'accept' })).toBe(false);

    const { ended } = await startTurn(stream, threadId, 'run');
    await until(() => requests.length === 2);
    expect(requests.map(({ requestId }) => requestId)).toEqual([0, 0]);
    expect(answerRequest(stream, requests[1]!, { decision: 'accept' })).toBe(true);
    expect(await ended).toMatchObject({ status: 'completed' });
    expect(runs(codex)).toBe('ran\n');
    expect(answersSent(stream)).toHaveLength(1);
  });

  test('that is killed in mid-stream is asked again with the next turn', async () => {
    const codex = await start(transport);
    const hanging = gate();
    codex.model.script('hang', [text('so far ', hanging)]);
    codex.model.script('again', [text('Hello.')]);
    const stream = codex.stream();
    const deltas = collectDeltas(stream);
    await stream.connect();
    const threadId = await startThread(stream, { cwd: codex.cwd });
    await startTurn(stream, threadId, 'hang');
    await until(() => deltas.length === 1);
    const recovery = nextRecovery(stream);
    await codex.restart();
    expect(await recovery).toEqual({ ...isBack, restarted: true });
    const { ended } = await startTurn(stream, threadId, 'again');
    expect(await ended).toMatchObject({ status: 'completed' });
    expect(deltas).toEqual(['so far ', 'Hello.']);
  });
});
