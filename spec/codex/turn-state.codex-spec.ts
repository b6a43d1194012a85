import { describe, expect, test } from '@jest/globals';
import { forThread, ofAppServer, startTurn, watchTurn, type Envelope, type Turn } from 'codex-rx';
import { startFaultProxy } from 'codex-rx/testing';
import { filter, firstValueFrom, mergeMap } from 'rxjs';
import { codexSpecs, type TestStream } from '../support/codex-stream.js';
import { isAnswered, nextRequest, sent, startThread } from '../support/codex-turn.js';
import {
  execCommand,
  gate,
  httpError,
  responseFailed,
  text,
  type ModelAnswer,
} from '../support/scripted-model.js';
import { until } from '../support/until.js';

const { start, closing } = codexSpecs();

/** A thread of a real codex, and what its model says to `go`. */
async function stage(
  steps: readonly ModelAnswer[],
  lose: (event: Envelope) => boolean = () => false,
) {
  const codex = await start('websocket');
  codex.model.script('go', steps);
  const proxy = closing(await startFaultProxy({ target: codex.url }));
  const stream = losing(codex.stream({ url: proxy.url }), lose);
  await stream.connect();
  const threadId = await startThread(stream, { cwd: codex.cwd });
  const go = (input = 'go') => startTurn(stream, { threadId, input }, { quiet: 1_000 });
  return { codex, proxy, stream, threadId, go };
}

/** A stream some of whose events reach no route. */
function losing(stream: TestStream, lose: (event: Envelope) => boolean): TestStream {
  const { router } = stream;
  const dispatch = router.dispatch.bind(router);
  router.dispatch = (event, context) => {
    if (!lose(event)) dispatch(event, context);
  };
  return stream;
}

/** What the server itself says of a turn. */
async function truthOf(stream: TestStream, { threadId, turnId }: Turn) {
  const { thread } = await stream.call('thread/read', { threadId, includeTurns: true });
  return thread.turns.find(({ id }) => id === turnId)?.status;
}

const isEnd = ({ type }: Envelope) => type === 'app_server.turn.completed';
const isIdle = ({ type }: Envelope) => type === 'app_server.thread.status.changed';

const event = { by: 'event', certain: true, delivered: true };

/** Resolves when the turn has said something. */
const speaks = ({ view$ }: Turn) =>
  firstValueFrom(view$.pipe(filter(({ items }) => items.some(({ length }) => length > 3))));

describe('a turn of a real codex', () => {
  test('that is answered is completed by its event, with its answer', async () => {
    const { stream, go } = await stage([text('Hello, ', 'world.')]);
    const turn = go();
    expect(await turn.ended).toEqual({ status: 'completed', ...event, error: null });
    expect(await turn.answer).toBe('Hello, world.');
    expect(await truthOf(stream, turn)).toBe('completed');
    expect(sent(stream).filter(({ method }) => method === 'turn/start')).toHaveLength(1);
  });

  test.each([
    ['an error of the model', httpError(400, 'no')],
    ['a response that fails', responseFailed('no')],
  ])('fails by its event with %s', async (_, answer) => {
    const { stream, go } = await stage([answer]);
    const turn = go();
    expect(await turn.ended).toMatchObject({
      status: 'failed',
      ...event,
      error: { message: expect.any(String) },
    });
    expect(await truthOf(stream, turn)).toBe('failed');
  });

  test('is interrupted by another client', async () => {
    const { codex, stream, go } = await stage([text('so far ', gate(), 'so good')]);
    const turn = go();
    await speaks(turn);
    const other = codex.stream();
    await other.call('turn/interrupt', { threadId: turn.threadId, turnId: turn.turnId! });
    expect(await turn.ended).toMatchObject({ status: 'interrupted', ...event });
    expect(await turn.answer).toBeNull();
    expect(await truthOf(stream, turn)).toBe('interrupted');
  });

  test('waits for an approval, and is interrupted by a cancel', async () => {
    const { stream, go } = await stage([execCommand('touch x', 'because')]);
    const asked = nextRequest(stream, 'item/commandExecution/requestApproval');
    const turn = go();
    const request = await asked;
    const waits = firstValueFrom(turn.view$.pipe(filter(({ activity }) => activity === 'waiting')));
    expect((await waits).outcome).toBeNull();
    await stream.requests.answer(request, { decision: 'cancel' });
    expect(await turn.ended).toMatchObject({ status: 'interrupted', ...event });
    expect(await truthOf(stream, turn)).toBe('interrupted');
  });

  test('whose end is lost is read after the idle', async () => {
    const { stream, go } = await stage([text('Hello.')], isEnd);
    const turn = go();
    expect(await turn.ended).toMatchObject({
      status: 'completed',
      by: 'reconciled',
      delivered: true,
    });
    expect(await turn.answer).toBe('Hello.');
    expect(await truthOf(stream, turn)).toBe('completed');
  });

  test('whose end and idle are lost is read after a silence', async () => {
    const { stream, go } = await stage([text('Hello.')], (one) => isEnd(one) || isIdle(one));
    const turn = go();
    expect(await turn.ended).toMatchObject({
      status: 'completed',
      by: 'reconciled',
      delivered: true,
    });
    expect(await truthOf(stream, turn)).toBe('completed');
  });

  test('goes on over a cut, to its event', async () => {
    const hanging = gate();
    const { proxy, stream, go } = await stage([text('so far ', hanging, 'so good')]);
    const turn = go();
    await speaks(turn);
    const back = firstValueFrom(stream.gaps$.pipe(mergeMap(({ recovery$ }) => recovery$)));
    proxy.reset();
    await back;
    hanging.release();
    expect(await turn.ended).toMatchObject({ status: 'completed', delivered: true });
    expect(await turn.answer).toBe('so far so good');
  });

  test('that ends during a cut is read', async () => {
    const hanging = gate();
    const { codex, proxy, stream, threadId, go } = await stage([
      text('so far ', hanging, 'so good'),
    ]);
    const turn = go();
    await speaks(turn);
    const other = codex.stream();
    await other.call('thread/resume', { threadId });
    const over = firstValueFrom(
      other.events$.pipe(forThread(threadId), ofAppServer('turn/completed')),
    );
    proxy.set({ refuse: true });
    proxy.reset();
    hanging.release();
    await over;
    proxy.set({ refuse: false });
    expect(await turn.ended).toMatchObject({ status: 'completed', by: 'gap', delivered: true });
    expect(await turn.answer).toBe('so far so good');
    expect(await truthOf(stream, turn)).toBe('completed');
  });

  test('is interrupted with its codex', async () => {
    const { codex, stream, go } = await stage([text('so far ', gate(), 'so good')]);
    const turn = go();
    await speaks(turn);
    await codex.restart();
    expect(await turn.ended).toMatchObject({ status: 'interrupted', by: 'gap', delivered: true });
    expect(await truthOf(stream, turn)).toBe('interrupted');
  });

  test('whose model hangs is stalled, and ends at no limit but that of its caller', async () => {
    const { go, stream, threadId } = await stage([text('so far ', gate(), 'so good')]);
    const turn = go();
    await firstValueFrom(turn.view$.pipe(filter(({ activity }) => activity === 'stalled')));
    const watched = watchTurn(stream, { threadId, turnId: turn.turnId! }, { limit: 100 });
    expect(await watched.ended).toMatchObject({ status: 'incomplete', by: 'timeout' });
    expect(await turn.interrupt()).toBe(true);
    expect(await turn.ended).toMatchObject({ status: 'interrupted', ...event });
  });

  test('that is sent to a busy thread is refused, added or waits, as it is told', async () => {
    const hanging = gate();
    const { codex, stream, threadId, go } = await stage([text('first ', hanging, 'turn')]);
    codex.model.script('wait', [text('Second.')]);
    const first = go();
    await speaks(first);
    const busy = startTurn(codex.stream(), { threadId, input: 'no' });
    expect(await busy.ended).toMatchObject({
      by: 'send',
      delivered: false,
      error: { kind: 'busy' },
    });
    const queued = startTurn(stream, { threadId, input: 'wait' }, { whenBusy: 'queue' });
    hanging.release();
    expect(await first.ended).toMatchObject({ status: 'completed', ...event });
    expect(await queued.ended).toMatchObject({ status: 'completed', ...event });
    expect(await queued.answer).toBe('Second.');
    expect(queued.turnId).not.toBe(first.turnId);
  });

  test('takes what steers it', async () => {
    const hanging = gate();
    const { codex, stream, threadId, go } = await stage([text('first ', hanging, 'turn')]);
    codex.model.scriptOthers(() => text('Both.'));
    const first = go();
    await speaks(first);
    const steered = first.steer('more');
    const merged = startTurn(
      codex.stream(),
      { threadId, input: 'and more' },
      { whenBusy: 'steer' },
    );
    await until(() => isAnswered(stream, 'turn/steer') && merged.turnId !== null);
    hanging.release();
    expect(await steered).toEqual({ delivered: true, error: null });
    expect(await merged.ended).toMatchObject({ status: 'completed', ...event });
    expect(merged.turnId).toBe(first.turnId);
    expect(await first.ended).toMatchObject({ status: 'completed', ...event });
  });

  test('does not get what steers it as an approval is cancelled', async () => {
    const { stream, threadId, go } = await stage([execCommand('touch x', 'because')]);
    const asked = nextRequest(stream, 'item/commandExecution/requestApproval');
    const turn = go();
    const request = await asked;
    const steered = turn.steer('more');
    const merged = startTurn(stream, { threadId, input: 'and more' }, { whenBusy: 'steer' });
    await until(() => merged.turnId !== null);
    await stream.requests.answer(request, { decision: 'cancel' });
    expect(await steered).toMatchObject({ delivered: false });
    expect(await merged.ended).toMatchObject({
      status: 'incomplete',
      by: 'event',
      delivered: false,
    });
    expect(await turn.ended).toMatchObject({ status: 'interrupted', ...event });
  });
});
