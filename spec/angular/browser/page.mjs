// Chromium, and what a page must not do: no error, no word on the console, no violation of its policy.

import { env } from 'node:process';
import { chromium } from 'playwright-core';

export const launch = () =>
  chromium.launch({
    executablePath: env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking'],
  });

/** Opens a page, and collects its complaints. */
export async function openPage(browser, url, options = {}) {
  const page = await browser.newPage({ viewport: { width: 900, height: 760 }, ...options });
  const complaints = [];
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
  await page.addInitScript(() => {
    globalThis.violations = [];
    new globalThis.MutationObserver(() => {
      globalThis.firstHeader ??= globalThis.document.querySelector('header');
    }).observe(globalThis.document, { childList: true, subtree: true });
    globalThis.document.addEventListener('securitypolicyviolation', (event) => {
      globalThis.violations.push(`${event.violatedDirective} ${event.blockedURI}`);
    });
  });
  await page.goto(url);
  return {
    page,
    complaints,
    violations: () => page.evaluate(() => globalThis.violations),
  };
}
