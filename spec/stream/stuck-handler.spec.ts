import { beforeAll, describe, expect, test } from '@jest/globals';
import { build } from 'esbuild';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Figures, Printed } from './stuck-handler-process.js';

const MB = 2 ** 20;

let printed: Printed;
let all: readonly Figures[] = [];

// Another process: its heap is its own, and it can collect its garbage before it looks.
beforeAll(async () => {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('stuck-handler-process.ts', import.meta.url))],
    alias: { '#websocket': fileURLToPath(new URL('../../lib/node/websocket.ts', import.meta.url)) },
    bundle: true,
    format: 'esm',
    packages: 'external',
    platform: 'node',
    write: false,
  });
  const args = ['--expose-gc', '--input-type=module', '-'];
  const running = promisify(execFile)(process.execPath, args);
  // Not as an argument: Linux takes none of more than 128 KiB.
  running.child.stdin?.end(outputFiles[0]!.text);
  const { stdout } = await running;
  printed = JSON.parse(stdout) as Printed;
  all = printed.figures;
}, 60_000);

describe.each([
  ['a stream, an Observable', [1_000, 999_000, 999_999], 1_000],
  ['a stream, a promise', [1_000, 999_000, 999_999], 1_000],
  ['a stream, drop-newest', [1_000, 1, 1_000], 1_000],
  ['a router, an Observable', [1_000, 999_000, 999_999], null],
  ['a router, a promise', [1_000, 999_000, 999_999], null],
])('a million events for a handler that does not return: %s', (name, kept, queued) => {
  const figures = () => all.find((figures) => figures.name === name)!;

  test('cost no memory', () => {
    expect(figures().growth).toBeLessThan(30 * MB);
  });

  test('reach every other handler', () => {
    expect(figures().seen).toBe(1_000_000);
  });

  test('are counted: one runs, the bound waits, the rest is dropped', () => {
    expect(figures().stats).toEqual({ running: 1, waiting: 1_000, dropped: 1_000_000 - 1 - 1_000 });
    expect(figures().queued).toBe(queued);
  });

  test('are reported at the first drop, the second, the fourth, the eighth …', () => {
    // 2 ** 19 is the last power of two that is no more than were dropped.
    expect(figures().reports).toEqual(Array.from({ length: 20 }, (_, power) => 2 ** power));
  });

  test('still go to it when it returns: those that were kept, in order', () => {
    expect(figures().kept).toEqual(kept);
  });
});

test('a million events that wait a moment, for a handler that keeps up, cost no memory', () => {
  expect(printed.growthBesideOneThatKeepsUp).toBeLessThan(30 * MB);
});
