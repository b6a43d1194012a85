// The chat of examples/angular in Chromium: rendered on the server, hydrated, a turn with an approval, a server that is
// cut off and comes back. `--screenshots` keeps what is seen under docs/images.

import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { argv } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { startFaultProxy } from 'codex-rx/testing';
import { startAgent } from '../../../examples/angular/agent.mjs';
import { startSite } from '../../../examples/angular/site.mjs';
import { launch, openPage } from './page.mjs';

const root = join(import.meta.dirname, '../../..');
const dist = join(root, 'examples/angular/dist/chat');
const images = join(root, 'docs/images');
const { render } = await import(join(dist, 'server/server.mjs'));

/** What a connection that is cut makes Chromium and codex-rx say. */
const isOfCut = (text) =>
  /^warning: codex-rx: The server closed the connection/.test(text) ||
  /^error: (WebSocket connection to|Failed to load resource)/.test(text);

const agent = await startAgent(5);
const proxy = await startFaultProxy({ target: agent.url });
const site = await startSite({ browser: join(dist, 'browser'), backend: proxy.url, render });
const browser = await launch();
try {
  await rendersOnTheServer();
  await chats();
} catch (error) {
  // Angular's server catches what is uncaught: the process would end well.
  console.error(error);
  process.exitCode = 1;
} finally {
  await browser.close();
  site.close();
  await proxy.close();
  await agent.close();
}

/** Several times in one process: no socket, and what is rendered is the page before its first frame. */
async function rendersOnTheServer() {
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  const before = timers();
  const pages = [];
  for (let time = 0; time < 3; time++) pages.push(await (await fetch(site.url)).text());
  for (const page of pages) {
    assert.match(page, /role="status"[^>]*>not connected</);
    assert.match(page, /Loading …|Say something to begin/);
    assert.match(page, /<style nonce="|<link rel="stylesheet"/);
    assert.doesNotMatch(page, /%nonce%/);
    assert.match(page, / ngh="/, 'nothing of it can be hydrated');
    assert.equal(nameless(page), nameless(pages[0]), 'a render has left something to the next');
  }
  // The connections of these requests have timers too, which end by themselves.
  const deadline = performance.now() + 15_000;
  while (timers() > before && performance.now() < deadline) await sleep(100);
  assert.ok(timers() <= before, 'a render has left a timer');
  assert.equal(agent.sockets.length, 0, 'a render has opened a socket');
  assert.equal(agent.calls.length, 0, 'a render has asked the server');
  console.log(`ok      rendered ${pages.length} times: no socket, no question, no timer left`);
}

async function chats() {
  const { page, complaints, violations } = await openPage(browser, site.url);
  const see = (selector, options) =>
    page
      .locator(selector)
      .first()
      .waitFor({ timeout: 20_000, ...options });
  await see('.status.open');
  await see('text=Say something to begin');
  assert.equal(agent.sockets.length, 1);
  const isHydrated = () => globalThis.document.querySelector('header') === globalThis.firstHeader;
  assert.ok(await page.evaluate(isHydrated), 'what the server has rendered was thrown away');

  await page.getByLabel('Message').fill('Do the tests pass?');
  await page.getByRole('button', { name: 'Send' }).click();
  await see('app-approval');
  const plan = await page.locator('.agentMessage').first().textContent();
  assert.equal(plan, 'I will look at what is there first, and then run the tests.');
  await picture(page, 'angular-approval');

  assert.deepEqual(complaints, []);

  // The server goes away, and is back a moment later: the gap is seen, and the request still waits.
  await proxy.cut();
  await see('.gap');
  await see('.status.open');
  await see('app-approval');
  await see('text=and read again');
  await picture(page, 'angular-gap');

  const decisions = () => agent.calls.filter(({ url }) => url.endsWith('/decision'));
  await page.getByRole('button', { name: 'Accept' }).evaluate((button) => {
    for (let i = 0; i < 3; i++) button.click();
  });
  await see('app-approval', { state: 'detached' });
  await see('.activity.completed');
  assert.equal(decisions().length, 1, 'the approval has reached the server other than once');
  const answer = await page.locator('.agentMessage').last().textContent();
  assert.match(
    answer,
    /^The tests pass\. .*\n\n1\. .*\n2\. .*\n\nIs there anything else that you would like to know\?$/s,
  );
  await picture(page, 'angular-transcript');

  assert.deepEqual(await violations(), []);
  assert.deepEqual(
    complaints.filter((text) => !isOfCut(text)),
    [],
  );
  await wouldBeNoticed(page, complaints, violations);
  console.log(
    'ok      a turn, an approval that was sent once, a gap; no error, no violation of the policy',
  );
}

/** The controls: an error and a violation of the policy are seen where there are some. */
async function wouldBeNoticed(page, complaints, violations) {
  const before = complaints.length;
  await page.evaluate(() => {
    globalThis.document.body.setAttribute('style', 'color: red');
    setTimeout(() => {
      throw new Error('a control');
    });
  });
  await page.waitForTimeout(100);
  assert.deepEqual(await violations(), ['style-src-attr inline']);
  assert.ok(complaints.slice(before).includes('error: a control'));
}

/** A page without its nonces. */
function nameless(page) {
  return page.replaceAll(/nonce="[^"]*"/gi, '');
}

async function picture(page, name) {
  if (!argv.includes('--screenshots')) return;
  await mkdir(images, { recursive: true });
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: join(images, `${name}-${colorScheme}.png`) });
  }
}
