// The inbox: what waits for a human is shown whole, and answered once, on purpose. Run by `npm run test:inspector`.

/* global document -- of the page */

import assert from 'node:assert/strict';
import { accept, check, finish, openAppServer, openMorning, until } from './stage.mjs';

const bothAsk = async (morning) => {
  const turns = [morning.threads.build, morning.threads.docs].map((id) =>
    morning.server.startTurn(id, 'Go.'),
  );
  return [morning.ask(turns[0], 'echo first'), morning.ask(turns[1], 'echo second')];
};

await check('a command is answered with the keyboard alone, once, and never by Enter', () =>
  openMorning({}, async ({ page, morning }) => {
    const [first, second] = await bothAsk(morning);
    await accept(page).first().waitFor();
    // Each is answered the other way than its button that got Enter would have.
    await page.keyboard.press('i');
    await page.locator('inspector-card .accept').first().focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('d');
    assert.deepEqual(await first, { result: { decision: 'decline' } });
    await page.getByText('answered here').waitFor();
    const card = page.locator('inspector-card', { hasText: 'echo second' });
    await card.locator('.decline').focus();
    await card.locator('.accept:enabled').waitFor();
    await page.keyboard.press('Enter');
    await page.keyboard.press('a');
    assert.deepEqual(await second, { result: { decision: 'accept' } });
    await page.getByText('Nothing waits.').waitFor();
  }),
);

await check('what is asked is seen to its end before it can be accepted', () =>
  openMorning({}, async ({ page, morning }) => {
    const turn = morning.server.startTurn(morning.threads.build, 'Go.');
    const lines = Array.from({ length: 200 }, (_, i) => `echo ${i}`);
    const answer = morning.ask(turn, [...lines, 'rm -rf /'].join('\n'));
    await page.getByText('rm -rf /').first().waitFor({ state: 'attached' });
    await page.keyboard.press('i');
    await page.keyboard.press('a'); // shows the end
    await accept(page).waitFor();
    await page.keyboard.press('d');
    assert.deepEqual(await answer, { result: { decision: 'decline' } });
  }),
);

await check('the title, the icon and a notification say that something waits', () => {
  const prepare = (page) =>
    page.addInitScript(() => {
      globalThis.shown = [];
      globalThis.Notification = class {
        static permission = 'granted';
        constructor(title, { body }) {
          globalThis.shown.push(`${title}: ${body}`);
        }
      };
      Object.defineProperty(document, 'hidden', { get: () => globalThis.isHidden ?? false });
    });
  return openMorning({ prepare }, async ({ page, morning }) => {
    const icon = () => page.locator('link[rel=icon]').getAttribute('href');
    const before = await icon();
    const [first] = await bothAsk(morning);
    await page.locator('inspector-card').nth(1).waitFor();
    assert.equal(await page.title(), '(2) codex-rx inspector');
    assert.notEqual(await icon(), before);
    assert.deepEqual(await page.evaluate(() => globalThis.shown), [], 'in a page that is seen');
    await page.evaluate(() => (globalThis.isHidden = true));
    void morning.ask(morning.server.startTurn(morning.threads.lint, 'Go.'), 'echo third');
    await until(page, () => globalThis.shown.length > 0);
    assert.deepEqual(await page.evaluate(() => globalThis.shown), [
      'An agent waits for you: lint waits: commandExecution',
    ]);
    await page.locator('inspector-card .decline').first().click();
    await first;
    await until(page, () => document.title === '(2) codex-rx inspector');
  });
});

await check('questions are answered', () =>
  openMorning({}, async ({ page, morning }) => {
    const turn = morning.server.startTurn(morning.threads.docs, 'Which one?');
    const options = [
      { label: 'Short', description: 'One page' },
      { label: 'Long', description: 'A book' },
    ];
    const answer = turn.request('item/tool/requestUserInput', {
      itemId: 'question-1',
      questions: [{ id: 'style', header: 'Style', question: 'Which style?', options }],
    });
    await page.locator('inspector-card .accept:disabled').waitFor();
    await page.getByLabel('Long').check();
    await accept(page).click();
    assert.deepEqual(await answer, { result: { answers: { style: { answers: ['Long'] } } } });
  }),
);

const form = {
  serverName: 'tracker',
  mode: 'form',
  message: 'Which issue?',
  requestedSchema: {
    type: 'object',
    properties: {
      title: { type: 'string', title: 'Title' },
      weight: { type: 'integer', title: 'Weight' },
      urgent: { type: 'boolean', title: 'Urgent' },
      kind: { type: 'string', title: 'Kind', oneOf: [{ const: 'b', title: 'A bug' }] },
      labels: { type: 'array', title: 'Labels', items: { type: 'string', enum: ['x', 'y'] } },
      note: { type: 'string', title: 'Note' },
    },
    required: ['title', 'urgent'],
  },
};

await check('a form of a server is answered, with no more than was said', () =>
  openAppServer({}, async ({ page, server, threadId }) => {
    server.startTurn(threadId, 'Go.');
    const method = 'mcpServer/elicitation/request';
    const answer = server.request(threadId, method, form);
    await page.locator('inspector-card .accept:disabled').waitFor();
    await page.getByLabel('Title').fill('It breaks');
    await page.getByLabel('Weight').fill('3');
    await page.getByLabel('Kind').selectOption({ label: 'A bug' });
    await page.getByLabel('y', { exact: true }).check();
    // The form is longer than the inbox.
    await page.locator('inspector-card .accept').scrollIntoViewIfNeeded();
    await accept(page).click();
    const content = { urgent: false, title: 'It breaks', weight: 3, kind: 'b', labels: ['y'] };
    assert.deepEqual(await answer, { result: { action: 'accept', content } });

    const second = server.request(threadId, method, { ...form, mode: 'url', url: 'https://a.b' });
    await page.locator('pre', { hasText: 'https://a.b' }).waitFor();
    await page.locator('inspector-card .decline:enabled').click();
    assert.equal((await second).result.action, 'decline');
  }),
);

await check('permissions are granted for the turn, as they were asked for', () =>
  openAppServer({}, async ({ page, server, threadId }) => {
    server.startTurn(threadId, 'Go.');
    const permissions = { network: { enabled: true } };
    const answer = server.request(threadId, 'item/permissions/requestApproval', {
      itemId: 'p',
      cwd: '/workspace',
      reason: 'It needs the network.',
      permissions,
    });
    await page.getByText('It needs the network.').waitFor();
    await accept(page).click();
    assert.deepEqual(await answer, { result: { permissions, scope: 'turn' } });
  }),
);

await check('what has ended elsewhere says so, and nothing moves under a pointer', () =>
  openMorning({}, async ({ page, morning, stream }) => {
    await bothAsk(morning);
    await page.locator('inspector-card').nth(1).waitFor();
    const second = page.locator('inspector-card', { hasText: 'echo second' });
    await second.locator('.decline').hover();
    const before = await second.boundingBox();
    const [request] = await new Promise((resolve) => {
      stream.requests.pending$.subscribe((pending) => pending.length > 0 && resolve(pending));
    });
    void stream.requests.answer(request, { decision: 'decline' });
    await page.getByText('answered elsewhere').waitFor();
    assert.deepEqual(await second.boundingBox(), before);
    await page.getByText('Inbox (1)').waitFor();
    // As soon as the pointer has left, it goes.
    await page.locator('inspector-transcript').hover();
    await page.getByText('answered elsewhere').waitFor({ state: 'detached' });
  }),
);

await finish();
