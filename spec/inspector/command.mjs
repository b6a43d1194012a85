// `codex-rx inspect` as a user runs it: the address that it prints, in front of a codex-manager and of a recording. Run by
// `npm run test:inspector`.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { env, execPath, exit } from 'node:process';
import { chromium } from 'playwright-core';
import { startMorning } from '../../examples/inspector/morning.mjs';

const root = join(import.meta.dirname, '../..');
const browser = await chromium.launch({
  executablePath: env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});

const children = [];

/** Runs the command until it has printed its address. */
async function start(...args) {
  const child = spawn(execPath, ['dist/esm/cli/main.js', 'inspect', ...args, '--no-open'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (printed += text));
  while (!/#t=\S+/.test(printed)) {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}: ${printed}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    url: /http:\/\/\S+#t=\S+/.exec(printed)[0],
    printed,
    async end() {
      child.kill('SIGINT');
      const [code] = await once(child, 'exit');
      assert.equal(code, 0);
    },
  };
}

let failed = 0;
async function check(title, run) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 } });
  try {
    await run(await context.newPage());
    console.log(`ok      ${title}`);
  } catch (error) {
    failed++;
    console.log(
      `FAILED  ${title}\n        ${String(error.stack ?? error).replaceAll('\n', '\n        ')}`,
    );
  } finally {
    await context.close();
  }
}

await check('a codex-manager: the page shows what waits, and its answer arrives', async (page) => {
  const morning = await startMorning(2);
  const command = await start(morning.server.url);
  await page.goto(command.url);
  await page.getByText('live', { exact: true }).waitFor();
  assert.equal(new URL(page.url()).hash, '', 'the token stays in the address');
  const answer = morning.ask(await morning.play());
  await page.locator('inspector-card .accept').click();
  assert.deepEqual(await answer, { result: { decision: 'accept' } });
  await command.end();
  await morning.server.close();
});

await check(
  'a recording: it plays when the page is there, and the page only looks',
  async (page) => {
    const command = await start('lib/cli/demo.jsonl', '--speed', '20');
    assert.match(command.printed, /which only looks/);
    await page.goto(command.url);
    await page.locator('inspector-transcript inspector-item').first().waitFor();
    assert.equal(await page.locator('inspector-composer').count(), 0);
    assert.equal(await page.locator('inspector-card .accept').count(), 0);
    await command.end();
  },
);

await check('without the token the page shows nothing', async (page) => {
  const morning = await startMorning(2);
  const command = await start(morning.server.url);
  await page.goto(command.url.replace(/#.*/, ''));
  await page.getByText('connection lost, trying again').waitFor();
  assert.equal(await page.locator('inspector-threads .title').count(), 0);
  await command.end();
  await morning.server.close();
});

await browser.close();
// What a failed check has left.
for (const child of children) child.kill('SIGKILL');
exit(failed === 0 ? 0 : 1);
