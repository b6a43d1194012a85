// A recording in the page, by `codex-rx inspect session.jsonl`: it stops, goes faster, and to any time of it. Run by
// `npm run test:inspector`.

/* global document -- of the page */

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startCommand } from './command-line.mjs';
import { check, finish, until, visit } from './stage.mjs';

const startedAt = '2026-11-30T09:00:00.000Z';
const ids = { threadId: 'thread-1', turnId: 'turn-1' };
const text = (step) => `step ${String(step).padStart(2, '0')}`;

/** Sixty messages, one a second. */
function recordingOf(steps) {
  const entry = (t, method, params) => ({
    t,
    sock: 'events',
    dir: 'in',
    frame: { method, params: { ...ids, ...params } },
  });
  const item = (step) => ({ type: 'agentMessage', id: `message-${step}`, text: text(step) });
  const turn = { id: ids.turnId, status: 'inProgress', items: [], error: null };
  const lines = [
    { recording: 'codex-rx', version: 1, protocol: 'app-server', startedAt },
    entry(0, 'turn/started', { turn }),
    ...Array.from({ length: steps }, (_, i) =>
      entry((i + 1) * 1_000, 'item/completed', { item: { ...item(i + 1), phase: null } }),
    ),
  ];
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}

const folder = await mkdtemp(join(tmpdir(), 'codex-rx-inspector-'));
const file = join(folder, 'session.jsonl');
await writeFile(file, recordingOf(60));

/** A page with a recording that stands still at its beginning. */
async function withRecording(run) {
  const command = await startCommand(file, '--speed', '0.001');
  try {
    await visit(command.url, {}, async (page) => {
      await page.getByRole('button', { name: 'Stop' }).click();
      await page.getByRole('button', { name: 'Play' }).waitFor();
      await run(page);
    });
  } finally {
    await command.end();
  }
}

/** Drags the slider to a second of the recording, which stands still there. */
async function goTo(page, second) {
  await page.getByLabel('Position').fill(String(second * 1_000));
  await shows(page, second);
}

/** Waits until the transcript has these steps and no more. */
const shows = (page, step) =>
  until(
    page,
    ([last, next]) => {
      const shown = document.querySelector('inspector-transcript')?.innerText ?? '';
      return shown.includes(last) && !shown.includes(next);
    },
    [text(step), text(step + 1)],
  );

await check('a recording goes forward, back, and on from there', () =>
  withRecording(async (page) => {
    await goTo(page, 30);
    await goTo(page, 40);
    await goTo(page, 10);
    assert.equal(await page.locator('inspector-item').count(), 10);
    await page.getByLabel('Speed').selectOption('100');
    await page.getByRole('button', { name: 'Play' }).click();
    await shows(page, 60);
    assert.equal(await page.locator('inspector-item').count(), 60);
    await page.getByRole('button', { name: 'Again' }).click();
    await shows(page, 60);
    await page.getByText('1:00 / 1:00').waitFor();
    assert.equal(await page.locator('inspector-composer').count(), 0);
  }),
);

await check('its events stand at the times at which they were recorded', () =>
  withRecording(async (page) => {
    await goTo(page, 30);
    await until(page, () => document.querySelectorAll('.event').length > 8);
    const shown = await page.locator('.event span:first-child').allInnerTexts();
    const expected = await page.evaluate(
      (start) =>
        [0, 1, 2].map((second) =>
          new Date(Date.parse(start) + second * 1_000).toTimeString().slice(0, 8),
        ),
      startedAt,
    );
    assert.deepEqual(
      shown.slice(0, 3).map((time) => time.slice(0, 8)),
      expected,
    );
  }),
);

await check('a page that is loaded again shows all up to where it was', () =>
  withRecording(async (page) => {
    await goTo(page, 20);
    await page.reload();
    await shows(page, 20);
    assert.equal(await page.locator('inspector-item').count(), 20);
    assert.equal(await page.getByLabel('Position').inputValue(), '20000');
  }),
);

await check('the slider and the speed obey the keyboard', () =>
  withRecording(async (page) => {
    await page.getByLabel('Position').focus();
    await page.keyboard.press('End');
    await shows(page, 60);
    await page.keyboard.press('Home');
    await until(page, () => document.querySelectorAll('inspector-item').length === 0);
    assert.ok(await page.getByLabel('Position').evaluate((one) => one === document.activeElement));
  }),
);

await rm(folder, { recursive: true });
await finish();
