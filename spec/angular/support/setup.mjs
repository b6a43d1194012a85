// A page for Angular in plain Node, and its test environment. With zone.js where `withZones` says so.

import { afterAll, afterEach } from '@jest/globals';
import { JSDOM } from 'jsdom';

const { window } = new JSDOM('<!doctype html><body></body>', {
  url: 'http://127.0.0.1/app/',
  pretendToBeVisual: true,
});
const names = [
  'window document Node Element HTMLElement Event CustomEvent MutationObserver',
  'requestAnimationFrame cancelAnimationFrame',
];
for (const name of names.join(' ').split(' ')) {
  globalThis[name] = name === 'window' ? window : bound(window[name]);
}
function bound(value) {
  return /^(request|cancel)/.test(value?.name ?? '') ? value.bind(window) : value;
}

if (globalThis.withZones) await import('zone.js');
await import('@angular/compiler');
const { TestBed } = await import('@angular/core/testing');
const { BrowserTestingModule, platformBrowserTesting } =
  await import('@angular/platform-browser/testing');
TestBed.initTestEnvironment(BrowserTestingModule, platformBrowserTesting());

afterEach(() => {
  TestBed.resetTestingModule();
});

afterAll(() => {
  window.close();
});
