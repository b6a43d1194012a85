// A burst of 20,000 deltas of one text, in a production build under a strict policy: what the library does, beside what
// it should not be measured without, in one run. Time is that of the main thread, and counts only as a ratio.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { notification, startStreamServer } from 'codex-rx/testing';
import { startSite } from '../../../examples/angular/site.mjs';
import { launch, openPage } from './page.mjs';

const count = 20_000;
const root = join(import.meta.dirname, '../../..');
const ids = { threadId: 'thread-1', turnId: 'turn-1', itemId: 'item-1' };

const server = await startStreamServer({
  rest: () => ({
    status: 200,
    body: { data: [], thread: { id: 'thread-1', turns: [] }, transcript: [] },
  }),
});
const browserFiles = join(root, 'examples/angular/dist/pages/browser');
const site = await startSite({ browser: browserFiles, backend: server.url });
const browser = await launch();

/** Lines of 20 words. */
const deltas = Array.from(
  { length: count },
  (_, i) => String(i).padStart(5) + (i % 20 === 19 ? '\n' : ' '),
);

/** Shows the burst on a page of examples/angular/pages. */
async function measure(query, { deltas: some = deltas, wait = 60_000 } = {}) {
  const connected = server.connected();
  const { page, complaints, violations } = await openPage(browser, `${site.url}?${query}`);
  await connected;
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Performance.enable', { timeDomain: 'threadTicks' });
  const metrics = async () => {
    const { metrics } = await devtools.send('Performance.getMetrics');
    return Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
  };
  server.send(notification('turn/started', { threadId: ids.threadId, turn: { id: ids.turnId } }));
  await page.waitForTimeout(300);
  const [before, then] = [await page.evaluate(() => ({ ...globalThis.counts })), await metrics()];
  for (const delta of some) server.send(notification('item/agentMessage/delta', { ...ids, delta }));
  const length = some.join('').length;
  const isComplete = await page
    .waitForFunction(
      (length) => globalThis.document.querySelector('p')?.textContent.length === length,
      length,
      // Not with the frames, of which some pages have none.
      { timeout: wait, polling: 100 },
    )
    .then(
      () => true,
      () => false,
    );
  const [after, now] = [await page.evaluate(() => ({ ...globalThis.counts })), await metrics()];
  const text = await page.evaluate(() => globalThis.document.querySelector('p')?.textContent ?? '');
  const result = { isComplete, isExact: text === some.join('') };
  for (const name of Object.keys(after)) result[name] = after[name] - before[name];
  result.cpu = now.TaskDuration - then.TaskDuration;
  result.layout = now.LayoutDuration - then.LayoutDuration;
  result.problems = [...complaints, ...(await violations())];
  await page.close();
  return result;
}

const rows = {};
try {
  for (const page of ['naive', 'whole', 'append']) rows[page] = await measure(`page=${page}`);
  const some = { deltas: deltas.slice(0, 2_000) };
  for (const page of ['zone', 'inside']) rows[page] = await measure(`page=${page}`, some);
  rows['append, no frames'] = await measure('page=append&frameless', some);
  rows['bare, no frames'] = await measure('page=bare&frameless', { ...some, wait: 3_000 });
} finally {
  console.table(rows);
  await browser.close();
  site.close();
  await server.close();
}

for (const [name, { problems }] of Object.entries(rows)) assert.deepEqual(problems, [], name);

/** What holds of a page that does well. */
const checks = {
  'the text is exact': (row) => row.isExact,
  'renders ≤ frames': (row) => row.renders <= row.frames,
  'writes ≤ frames': (row) => row.writes <= row.frames,
  'layout ≤ a quarter of the naive page': (row) => row.layout <= rows.naive.layout / 4,
};
/** What each page fails, where it is not nothing. Without a burst and frames, less is compared. */
const failures = (name, names = Object.keys(checks)) =>
  names.filter((check) => !checks[check](rows[name]));
const [exact, renders, writes, layout] = Object.keys(checks);

assert.deepEqual(failures('append'), []);
assert.deepEqual(failures('zone', [exact, renders, writes]), []);
assert.deepEqual(failures('append, no frames', [exact]), []);
// The controls, each with what it shows.
assert.ok(failures('naive').includes(writes), 'a write an event passes');
assert.ok(failures('whole').includes(layout), 'the whole text again in each frame passes');
assert.deepEqual(
  failures('inside', [exact, renders, writes]),
  [renders],
  'a socket in the zone passes',
);
assert.deepEqual(failures('bare, no frames', [exact]), [exact], 'bare animation frames pass');
const ratio = (of) => (rows.append[of] / rows.naive[of]).toFixed(2);
console.log(
  `ok      a burst: renders and writes within frames, the text exact, ${ratio('layout')} of the layout and ` +
    `${ratio('cpu')} of the CPU of the naive page; four controls fail`,
);
