import { describe, expect, test } from '@jest/globals';
import { ofAppServer, OverflowError } from 'codex-rx';
import { codexSpecs, socksOf } from '../support/codex-stream.js';
import { startThread, startTurn } from '../support/codex-turn.js';
import { words } from '../support/scripted-model.js';

const { start } = codexSpecs();

const count = 20_000;
const delta = 'item/agentMessage/delta';

describe.each(['websocket', 'stdio'] as const)('over %s', (transport) => {
  test('20,000 deltas come in order, none lost, beside a handler that never ends', async () => {
    const codex = await start(transport);
    codex.model.script('flood', [words(count)]);
    const stream = codex.stream();
    const deltas: string[] = [];
    const slow = stream.on(ofAppServer(delta), () => new Promise(() => undefined), {
      name: 'slow',
      bound: 100,
    });
    stream.on(ofAppServer(delta), ({ payload }) => {
      deltas.push(payload.params.delta);
    });
    let whole = '';
    stream.on(ofAppServer('item/completed'), ({ payload: { params } }) => {
      if (params.item.type === 'agentMessage') whole = params.item.text;
    });
    const overflows: unknown[] = [];
    stream.router.errors$.subscribe(({ cause }) => overflows.push(cause));
    await stream.connect();
    const threadId = await startThread(stream, { cwd: codex.cwd });
    const { ended } = await startTurn(stream, threadId, 'flood');
    expect(await ended).toMatchObject({ status: 'completed' });

    expect(deltas).toHaveLength(count);
    expect(deltas.join('')).toBe(whole);
    expect(whole.endsWith(`word${count - 1} `)).toBe(true);
    expect(socksOf(stream)).toHaveLength(1);
    expect(slow.stats).toMatchObject({ running: 1, failed: 0 });
    expect(slow.stats.waiting).toBe(100);
    expect(slow.stats.dropped + slow.stats.handled + slow.stats.waiting).toBe(count);
    expect(overflows[0]).toBeInstanceOf(OverflowError);
  });

  test('20,000 deltas come although a handler keeps everybody waiting for a second', async () => {
    const codex = await start(transport);
    codex.model.script('flood', [words(count)]);
    const stream = codex.stream();
    let deltas = 0;
    stream.on(ofAppServer(delta), () => {
      if (++deltas === 1_000) block(1_000);
    });
    await stream.connect();
    const threadId = await startThread(stream, { cwd: codex.cwd });
    const { ended } = await startTurn(stream, threadId, 'flood');
    expect(await ended).toMatchObject({ status: 'completed' });
    expect(deltas).toBe(count);
    expect(socksOf(stream)).toHaveLength(1);
  });
});

/** Keeps the whole thread busy. */
function block(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}
