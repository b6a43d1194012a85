// A page of the inspector in Chromium, and checks of what it does.

/* global document -- of the page */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { env, exit } from 'node:process';
import { chromium } from 'playwright-core';
import { startMorning } from '../../examples/inspector/morning.mjs';
import { connectManager } from '../../dist/esm/index.js';
import { inspect } from '../../dist/esm/gateway/index.js';
import { connectAppServer } from '../../dist/esm/node/index.js';
import { startFakeAppServer } from '../../dist/esm/testing/index.js';

export const root = join(import.meta.dirname, '../..');
export const images = join(root, 'docs/images');

export const browser = await chromium.launch({
  executablePath: env['CHROMIUM'] ?? '/usr/bin/chromium',
  // A name that another one has made to mean this machine.
  args: ['--no-sandbox', '--host-resolver-rules=MAP rebound.test 127.0.0.1'],
});

/** `ONLY=words` runs the checks alone whose titles contain them. */
const only = env['ONLY'] ?? '';
let failed = 0;

export async function check(title, run) {
  if (!title.includes(only)) return;
  const started = performance.now();
  try {
    await run();
    console.log(`ok      ${title}, ${((performance.now() - started) / 1_000).toFixed(1)} s`);
  } catch (error) {
    failed++;
    const text = String(error.stack ?? error).replaceAll('\n', '\n        ');
    console.log(`FAILED  ${title}\n        ${text}`);
  }
}

export async function finish() {
  await browser.close();
  exit(failed === 0 ? 0 : 1);
}

/** What a browser says of a connection that was cut. */
const isExpected = (message) => /WebSocket|Failed to load resource|net::ERR/.test(message.text());

/** Runs with a page at an address; nothing may go wrong in it. */
export async function visit(url, options, run) {
  const { prepare = () => undefined, ...contextOptions } = options;
  const context = await browser.newContext({
    viewport: { width: 1280, height: 860 },
    ...contextOptions,
  });
  context.setDefaultTimeout(20_000);
  const page = await context.newPage();
  const wrong = [];
  page.on('console', (message) => {
    if (message.type() === 'error' && !isExpected(message)) wrong.push(message.text());
  });
  page.on('pageerror', (error) => wrong.push(error.message));
  const asked = [];
  page.on('request', (request) => asked.push(request.url()));
  try {
    await prepare(page, context);
    await page.goto(url);
    await run(page, asked);
    assert.deepEqual(wrong, []);
  } finally {
    await context.close();
  }
}

/** Runs with a page in front of a stream. */
export async function open(stream, { readOnly = false, fragment = '', ...options }, run) {
  const site = await inspect(stream, { readOnly });
  try {
    await visit(`${site.url}${fragment}`, options, async (page, asked) => {
      await live(page);
      await run({ page, asked, stream, url: site.url });
    });
  } finally {
    await site.close();
  }
}

/** Runs with a page in front of a fresh morning. */
export async function openMorning({ pace = 2, ...options }, run) {
  const morning = await startMorning(pace);
  const stream = connectManager({ url: morning.server.url, reconnect: { base: 50 }, log: false });
  await stream.connect();
  try {
    await open(stream, options, (staged) => run({ ...staged, morning }));
  } finally {
    await stream.close();
    await morning.server.close();
  }
}

/** Runs with a page in front of a codex app-server with one thread. */
export async function openAppServer(options, run) {
  const server = await startFakeAppServer();
  const stream = connectAppServer({ url: server.url, log: false });
  const { thread } = await stream.call('thread/start', {});
  const listed = { id: thread.id, preview: 'main', turns: [], status: { type: 'idle' } };
  server.handle('thread/list', () => ({ result: { data: [listed], nextCursor: null } }));
  try {
    await open(stream, options, (staged) => run({ ...staged, server, threadId: thread.id }));
  } finally {
    await stream.close();
    await server.close();
  }
}

export const live = (page) => page.getByText('live', { exact: true }).waitFor();

/** The button of a card that accepts, once all that is asked was on the screen. */
export const accept = (page) => page.locator('inspector-card .accept:enabled');

/** Shows a thread; the keys of the list are not wanted. */
export async function show(page, title) {
  await page.locator('inspector-threads li', { hasText: title }).click();
  await page.evaluate(() => document.activeElement.blur());
}

/** Waits until a function is true in the page. */
export const until = (page, test, argument) => page.waitForFunction(test, argument);
