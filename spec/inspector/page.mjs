// What the page shows of agents that work: lanes, table, transcript, sub-agents, what went wrong. Run by
// `npm run test:inspector`.

/* global document, getComputedStyle -- of the page */

import assert from 'node:assert/strict';
import { accept, check, finish, openAppServer, openMorning, show, until } from './stage.mjs';

await check('threads stand in the order of need, and keep it under a pointer', () =>
  openMorning({}, async ({ page, morning }) => {
    const { api, docs } = morning.threads;
    morning.server.startTurn(api, 'Go.');
    const turn = morning.server.startTurn(docs, 'Go.');
    const titles = () => page.locator('inspector-threads .title').allInnerTexts();
    const first = (title) =>
      until(
        page,
        (wanted) => document.querySelector('inspector-threads .title')?.innerText === wanted,
        title,
      );
    await page.getByText('running', { exact: false }).nth(1).waitFor();
    void morning.ask(morning.server.startTurn(morning.threads.lint, 'Go.'));
    await first('lint');
    const before = await titles();
    await page.locator('inspector-threads').hover();
    void morning.ask(turn);
    await page.getByText('Inbox (2)').waitFor();
    await page.locator('inspector-threads li.waiting').nth(1).waitFor();
    assert.deepEqual(await titles(), before);
    await page.locator('inspector-transcript').hover();
    await until(
      page,
      () => document.querySelectorAll('inspector-threads li')[1]?.className === 'waiting',
    );
  }),
);

await check('sub-agents stand below the agent that has begun them, and fold', () =>
  openAppServer({}, async ({ page, server, stream, threadId }) => {
    const { thread: child } = await stream.call('thread/start', {});
    const turn = server.startTurn(threadId, 'Share the work.');
    turn.notify('item/started', {
      item: {
        type: 'subAgentActivity',
        id: 'activity-1',
        kind: 'started',
        agentThreadId: child.id,
        agentPath: '/root/tests\u202e',
      },
    });
    const working = server.startTurn(child.id, 'Test it.');
    working.say('I test.');
    const row = page.locator('[role=treeitem][aria-level="2"]');
    await row.getByText('/root/tests\\u202e').waitFor();
    await row.getByText('running').waitFor();
    await page.locator('[role=tree]').focus();
    await page.keyboard.press('ArrowRight');
    await page.locator('inspector-transcript').getByText('I test.').waitFor();
    await page.keyboard.press('ArrowLeft'); // to the agent above
    await page.locator('inspector-transcript').getByText('Share the work.').waitFor();
    await page.keyboard.press('ArrowLeft');
    await row.waitFor({ state: 'detached' });
    await page.keyboard.press('ArrowRight');
    working.complete();
    await row.getByText('idle').waitFor();
  }),
);

/** How many pixels of a lane are of the colour of a variable, from the end of the labels on. */
const pixels = (page, lane, variable) =>
  page.evaluate(
    ([index, name]) => {
      const canvas = document.querySelector('canvas');
      const probe = document.createElement('canvas').getContext('2d');
      probe.fillStyle = getComputedStyle(canvas).getPropertyValue(name);
      probe.fillRect(0, 0, 1, 1);
      const [r, g, b] = probe.getImageData(0, 0, 1, 1).data;
      const [left, top, height] = [84, index * 22, 20];
      const { data } = canvas.getContext('2d').getImageData(left, top, canvas.width - left, height);
      let count = 0;
      for (let i = 0; i < data.length; i += 4) {
        const [red, green, blue, alpha] = data.subarray(i, i + 4);
        if (red === r && green === g && blue === b && alpha === 255) count++;
      }
      return count;
    },
    [lane, variable],
  );
const lanes = { message: 1, plan: 3, request: 7 };

await check('lanes have bars for runs, diamonds for requests, and one cursor with the table', () =>
  openMorning({}, async ({ page, morning }) => {
    void morning.ask(await morning.play());
    await page.locator('inspector-card').waitFor();
    await show(page, 'build-fix');
    const { message, plan, request } = lanes;
    await until(page, () => document.querySelectorAll('.event').length > 8);
    await page.keyboard.press('0');
    await page.getByText(/^\d+ s on screen/).waitFor();
    assert.ok((await pixels(page, message, '--canvas-accent')) > 20, 'a run of deltas is a bar');
    assert.ok((await pixels(page, request, '--canvas-warn')) > 20, 'a request is a diamond');
    assert.equal(await pixels(page, plan, '--canvas-warn'), 0);
    assert.equal(await pixels(page, plan, '--canvas-accent'), 0);

    const heading = page.locator('inspector-envelope h2');
    await page.keyboard.press('ArrowRight'); // the last event
    await page.locator('.cursor').waitFor();
    const chart = await page.locator('canvas').boundingBox();
    const { x } = await page.locator('.cursor').boundingBox();
    // A request stands there, or next to it.
    const y = chart.y + (request + 0.5) * 22;
    for (const dx of [0, -4, -8, -12, 4]) {
      await page.mouse.move(x + dx, y);
      if (/request/.test(await heading.innerText())) break;
    }
    assert.match(await heading.innerText(), /command_execution\.request_approval/);
    await page.locator('.event.chosen', { hasText: 'request_approval' }).waitFor();

    await page.keyboard.press('ArrowLeft');
    await page.locator('.event.chosen', { hasText: 'request_approval' }).waitFor({
      state: 'detached',
    });
    await page.locator('cdk-virtual-scroll-viewport').focus();
    await page.keyboard.press('Home');
    await page.locator('.event.chosen', { hasText: 'turn.started' }).waitFor();
    await page.keyboard.press('Enter');
    assert.equal(
      await page.evaluate(() => document.activeElement.getAttribute('aria-label')),
      'Payload',
    );
  }),
);

await check('the view pauses and goes on, and the stream does not', () =>
  openMorning({}, async ({ page, morning }) => {
    const turn = await morning.play();
    await page.locator('inspector-threads .title').first().waitFor();
    await show(page, 'build-fix');
    await page.getByText('I will remove').first().waitFor();
    const count = page.locator('inspector-events .count');
    await page.keyboard.press('p');
    const before = (await count.innerText()).split(' of ')[0];
    turn.say('One more thing.');
    await page.getByText('One more thing.').waitFor();
    await page.getByRole('button', { name: /Go on, [1-9]\d* behind/ }).waitFor();
    assert.equal((await count.innerText()).split(' of ')[0], before);
    await page.keyboard.press('p');
    await until(
      page,
      (old) => !document.querySelector('inspector-events .count').innerText.startsWith(`${old} of`),
      before,
    );
    await page.keyboard.press('+');
    await page.getByText('30 s on screen').waitFor();
    await page.keyboard.press('-');
    await page.keyboard.press('-');
    await page.getByText('2:00 on screen').waitFor();
  }),
);

await check('commands have their colours, changes their lines, plans their steps', () =>
  openMorning({}, async ({ page, morning }) => {
    await morning.play();
    await show(page, 'deploy');
    await page.locator('.ansi-red-fg', { hasText: 'permission denied' }).waitFor();
    await page.getByText('exit 1 in 1.2 s').waitFor();
    const turn = morning.server.startTurn(morning.threads.lint, 'Change it.');
    await show(page, 'lint');
    const diff = '@@ -1,2 +1,2 @@\n one\n-two\n+three\n';
    const change = { path: 'a\u202e.ts', kind: { type: 'update', move_path: null }, diff };
    const item = { type: 'fileChange', id: 'change-1', changes: [change], status: 'completed' };
    turn.notify('item/completed', { item });
    turn.notify('turn/plan/updated', {
      explanation: null,
      plan: [
        { step: 'Look', status: 'completed' },
        { step: 'Change', status: 'inProgress' },
      ],
    });
    await page.locator('.diff .removed', { hasText: '-two' }).waitFor();
    await page.locator('.diff .added', { hasText: '+three' }).waitFor();
    await page.getByText('a\\u202e.ts').waitFor();
    await page.locator('.plan .completed', { hasText: 'Look' }).waitFor();
    await page.locator('.plan .inProgress', { hasText: 'Change' }).waitFor();
  }),
);

await check('markdown that grows keeps the elements that are there', () =>
  openMorning({}, async ({ page, morning }) => {
    const turn = morning.server.startTurn(morning.threads.build, 'Write.');
    const delta = (text) =>
      turn.notify('item/agentMessage/delta', { itemId: 'message-1', delta: text });
    const item = { type: 'agentMessage', id: 'message-1', phase: null, text: '' };
    turn.notify('item/started', { item });
    await show(page, 'build-fix');
    delta('# Title\n\nThe first paragraph.\n\n');
    const first = page.locator('.markdown p').first();
    await first.waitFor();
    await first.evaluate((element) => (globalThis.kept = element));
    delta('The second one.\n\n');
    await page.getByText('The second one.').waitFor();
    assert.ok(await first.evaluate((element) => element === globalThis.kept));
  }),
);

await check(
  'a message is sent, and its turn interrupted; not by a page that only looks',
  async () => {
    await openMorning({}, async ({ page }) => {
      await show(page, 'docs');
      await page.getByLabel('Message to the agent').fill('Go on.');
      await page.keyboard.press('Enter');
      await page.locator('inspector-transcript').getByText('Go on.').waitFor();
      await page.getByRole('button', { name: 'Interrupt' }).click();
      await page.locator('inspector-transcript').getByText('interrupted').waitFor();
    });
    await openMorning({ readOnly: true }, async ({ page, morning, url }) => {
      void morning.ask(await morning.play());
      await page.getByText('This page only looks.').waitFor();
      assert.equal(await page.locator('inspector-composer, inspector-card button').count(), 0);
      const token = new URLSearchParams(new URL(url).hash.slice(1)).get('t');
      const send = (path, method) =>
        page.evaluate(
          async ([to, how, bearer]) => {
            const headers = {
              authorization: `Bearer ${bearer}`,
              'content-type': 'application/json',
            };
            const init = how === 'POST' ? { method: how, body: '{}', headers } : { headers };
            return (await fetch(to, init)).status;
          },
          [path, method, token],
        );
      const session = `api/sessions/${morning.threads.docs}`;
      assert.equal(await send(`${session}/messages`, 'POST'), 403);
      assert.equal(await send(session, 'GET'), 200);
    });
  },
);

await check('drift of the protocol and failed handlers of the program show, as text', () =>
  openMorning({}, async ({ page, morning, stream }) => {
    const turn = morning.server.startTurn(morning.threads.build, 'Go.');
    await page.getByRole('button', { name: '0 gaps 0 malformed 0 drift 0 handler errors' }).click();
    stream.router.on(
      (events$) => events$,
      () => {
        throw new Error('It broke.\u202e<img src=x onerror=alert(1)>');
      },
    );
    turn.notify('item/brandNew\u202e', {});
    await page.getByText('1 drift').first().waitFor();
    await page.getByText('notification item/brandNew\\u202e (1)').waitFor();
    await page
      .getByText(/It broke\.\\u202e<img src=x onerror=alert\(1\)>/)
      .first()
      .waitFor();
    await page.keyboard.press('Escape');
    await page.getByText('Frames that could not be read.').waitFor({ state: 'hidden' });
  }),
);

for (const width of [1280, 390]) {
  await check(`nothing moves while agents work, at ${width} px`, () =>
    openMorning({ viewport: { width, height: 860 } }, async ({ page, morning }) => {
      await page.locator('inspector-threads .title').nth(4).waitFor();
      // Without a pointer here the order of need may change.
      await page.locator('inspector-threads').hover();
      await page.evaluate(() => {
        globalThis.moved = [];
        new PerformanceObserver((list) => {
          for (const { value, hadRecentInput, sources } of list.getEntries()) {
            const nodes = sources.map(({ node }) => node?.parentElement?.outerHTML.slice(0, 120));
            if (!hadRecentInput) globalThis.moved.push(`${value.toFixed(4)} ${nodes.join(' ')}`);
          }
        }).observe({ type: 'layout-shift' });
      });
      void morning.ask(await morning.play());
      await page.locator('inspector-card').waitFor();
      for (const socket of morning.server.sockets) socket.terminate();
      await page.getByText('1 gap').first().waitFor();
      await accept(page).waitFor();
      assert.deepEqual(await page.evaluate(() => globalThis.moved), []);
    }),
  );
}

await finish();
