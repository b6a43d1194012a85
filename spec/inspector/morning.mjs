// The page of the inspector in Chromium, over a morning with five agents: what it shows at each size, what a hostile agent
// cannot do, cuts, exports, and a flood of events. Run by `npm run test:inspector`.

/* global document, MutationObserver, requestAnimationFrame -- of the page */

import assert from 'node:assert/strict';
import { axeSource } from './axe.mjs';
import { check, finish, openMorning, show, until } from './stage.mjs';

const sizes = [
  { width: 1280, scheme: 'light' },
  { width: 1280, scheme: 'dark' },
  { width: 390, scheme: 'light' },
  { width: 390, scheme: 'dark' },
];
for (const { width, scheme } of sizes) {
  const options = { viewport: { width, height: 860 }, colorScheme: scheme };
  await check(`shows who needs whom, at ${width} px, ${scheme}, without a violation of axe`, () =>
    openMorning(options, async ({ page, morning }) => {
      const turn = await morning.play();
      void morning.ask(turn);
      await page.getByText('rm -rf dist').first().waitFor();
      const threads = await page.locator('inspector-threads .title').allInnerTexts();
      assert.deepEqual(threads.slice(0, 2), ['build-fix', 'deploy']);
      assert.deepEqual([...threads].sort(), ['api-tests', 'build-fix', 'deploy', 'docs', 'lint']);
      await show(page, 'api-tests');
      await page.locator('.markdown pre').waitFor();
      await page.evaluate(axeSource);
      const { violations } = await page.evaluate(() => globalThis.axe.run());
      assert.deepEqual(
        violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`),
        [],
      );
    }),
  );
}

await check(
  'what a hostile agent writes is text: no script, no image, no link that runs, no hidden control',
  () =>
    openMorning({}, async ({ page, morning, url, asked }) => {
      const turn = morning.server.startTurn(morning.threads.build, 'Go.');
      const id = 'message-1';
      const text =
        '![pixel](http://evil.example/leak?q=1) [click](javascript:alert(1)) <img src=x onerror=alert(2)> ' +
        '<script>alert(3)</script> \u202egnp.exe\n';
      turn.notify('item/started', { item: { type: 'agentMessage', id, phase: null, text: '' } });
      turn.notify('item/agentMessage/delta', { itemId: id, delta: text });
      void morning.ask(turn, 'echo safe \u202e; rm -rf / #\u200b\u001b[2J');
      const rename = new URL(`/api/sessions/${morning.threads.docs}/rename`, morning.server.url);
      const headers = { 'content-type': 'application/json' };
      await fetch(rename, { method: 'POST', headers, body: '{"title":"docs\u202e<b>"}' });
      await show(page, 'build-fix');
      const dialogs = [];
      page.on('dialog', (dialog) => {
        dialogs.push(dialog.message());
        void dialog.dismiss();
      });
      await page.getByText('\\u202e; rm -rf / #\\u200b\\u001b[2J').first().waitFor();
      await page.getByText('alert(3)').first().waitFor();
      await page.locator('inspector-threads').getByText('docs\\u202e<b>').waitFor();
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
  openMorning({}, async ({ page, morning }) => {
    const turn = await morning.play();
    const answers = [];
    void morning.ask(turn).then((answer) => answers.push(answer));
    await page.getByText('rm -rf dist').first().waitFor();
    for (const socket of morning.server.sockets) socket.terminate();
    await page
      .getByText(/^[\d.:]+ s were missed/)
      .first()
      .waitFor();
    await page.getByText('rm -rf dist').first().waitFor();
    await page.locator('inspector-card .decline').click();
    await page.getByText('answered here').waitFor();
    assert.deepEqual(answers, [{ result: { decision: 'decline' } }]);
  }),
);

await check('a filter, a cursor and the envelope go together', () =>
  openMorning({}, async ({ page, morning }) => {
    await morning.play();
    await show(page, 'build-fix');
    await page.keyboard.press('f');
    await page.keyboard.type('item/started');
    await page.locator('.event').first().waitFor();
    await until(page, () => {
      const cells = [...document.querySelectorAll('.event span:nth-child(2)')];
      return cells.length > 0 && cells.every((one) => one.innerText === 'app_server.item.started');
    });
    await page.locator('cdk-virtual-scroll-viewport').focus();
    await page.keyboard.press('End');
    await page.locator('inspector-envelope h2', { hasText: 'app_server.item.started' }).waitFor();
    await page.locator('inspector-envelope pre', { hasText: '"method": "item/started"' }).waitFor();
  }),
);

await check('an export is a recording without its secrets', () =>
  openMorning({}, async ({ page, morning }) => {
    const turn = morning.server.startTurn(morning.threads.build, 'Go.');
    turn.say('The token is ghp_0123456789abcdefghijABCDEFGHIJ012345.');
    await show(page, 'build-fix');
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

/** Sends the numbers from 0 on, a part of a message each. */
async function flood(turn, itemId, count) {
  for (let i = 0; i < count; i++) {
    const delta = i % 100 === 99 ? `${i}\n\n` : `${i} `;
    turn.notify('item/agentMessage/delta', { itemId, delta });
    if (i % 500 === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

await check('20,000 events are drawn at most once a frame, and the text is whole', () =>
  openMorning({}, async ({ page, morning }) => {
    const turn = morning.server.startTurn(morning.threads.build, 'Write.');
    const item = { type: 'agentMessage', id: 'long', phase: null };
    turn.notify('item/started', { item: { ...item, text: '' } });
    await show(page, 'build-fix');
    await page.getByText('Write.').waitFor();
    await page.evaluate(() => {
      globalThis.seen = { frames: 0, renders: 0 };
      const frame = () => {
        globalThis.seen.frames++;
        requestAnimationFrame(frame);
      };
      requestAnimationFrame(frame);
      const count = document.querySelector('inspector-events .count');
      new MutationObserver(() => globalThis.seen.renders++).observe(count, {
        subtree: true,
        characterData: true,
      });
    });
    await flood(turn, 'long', 20_000);
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

await check('no more events are kept than the page says, and it says how many are forgotten', () =>
  openMorning({ fragment: '&events=1000' }, async ({ page, morning }) => {
    const turn = morning.server.startTurn(morning.threads.build, 'Write.');
    await show(page, 'build-fix');
    await flood(turn, 'message', 1_000);
    await until(page, () => /1,0\d\d of 1,0\d\d events/.test(document.body.innerText));
    assert.equal(await page.getByText('are forgotten').count(), 0);
    await flood(turn, 'message', 400);
    await page.getByText(/at most 1,000 are kept, the first \d+ are forgotten/).waitFor();
  }),
);

await finish();
