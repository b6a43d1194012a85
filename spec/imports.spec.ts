import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { build, type BuildOptions } from 'esbuild';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import type { Job } from './importing-process.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly exports: Readonly<
    Record<string, string | { import: { default: string } } | { default: string }>
  >;
};
const platforms = {
  Node: ['lib/node/websocket.ts', 'lib/node/secretlint.ts'],
  'a browser': ['lib/socket/native.ts', 'lib/recording/no-secretlint.ts'],
} as const;

/** The sources of all entries. */
const entries = Object.values(manifest.exports)
  .filter((target) => typeof target === 'object')
  .map((target) => ('import' in target ? target.import : target).default)
  .map((path) => path.replace('./dist/esm/', 'lib/').replace(/js$/, 'ts'));

let folder = '';
let program = '';

const bundle = (entry: string, options: BuildOptions = {}) =>
  build({
    entryPoints: [join(root, entry)],
    bundle: true,
    format: 'esm',
    packages: 'external',
    platform: 'node',
    // Node imports every module of an entry, whatever is said of its effects.
    ignoreAnnotations: true,
    treeShaking: false,
    metafile: true,
    write: false,
    ...options,
  });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'codex-rx-imports-'));
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction');
  program = join(folder, 'program.mjs');
  await writeFile(program, (await bundle('spec/importing-process.ts')).outputFiles![0]!.text);
});

afterAll(() => rm(folder, { recursive: true }));

/** Imports modules, one after the other, in a process of their own: what each of them did. */
async function effectsOf(
  codes: readonly string[],
  externals: readonly string[] = [],
): Promise<string[][]> {
  const modules = codes.map((_, i) => join(folder, `module-${i}.mjs`));
  for (const [i, path] of modules.entries()) await writeFile(path, codes[i]!);
  const job: Job = { externals, modules: modules.map((path) => pathToFileURL(path).href) };
  const { stdout } = await promisify(execFile)(process.execPath, [program, JSON.stringify(job)]);
  return JSON.parse(stdout) as string[][];
}

describe.each(Object.entries(platforms))('in %s', (_, [websocket, rules]) => {
  test.each(entries)('the import of %s has no side effects', async (entry) => {
    const alias = { '#websocket': join(root, websocket), '#secret-rules': join(root, rules) };
    const { outputFiles, metafile } = await bundle(entry, { alias });
    const { imports } = Object.values(metafile!.outputs)[0]!;
    const externals = imports.filter(({ kind }) => kind === 'import-statement');
    const inputs = Object.keys(metafile!.inputs).join();
    // The other form of the socket is not in it, unless the entry itself exports it.
    if (entry === 'lib/index.ts') expect(inputs.match(/(websocket|native)\.ts/g)).toHaveLength(1);
    if (entry === 'lib/index.ts') expect(inputs).toContain(websocket);
    const [effects] = await effectsOf(
      [outputFiles![0]!.text],
      [...new Set(externals.map(({ path }) => path))],
    );
    expect(effects).toEqual([]);
  });
});

test('the list of entries is that of the package', async () => {
  expect(entries).toContain('lib/index.ts');
  for (const entry of entries) expect(await readFile(join(root, entry), 'utf8')).not.toBe('');
});

describe('what counts as a side effect', () => {
  const controls: readonly (readonly [effect: string, code: string])[] = [
    ['Math.random', 'export const id = Math.random();'],
    ['crypto.randomUUID', 'export const id = crypto.randomUUID();'],
    ['crypto.getRandomValues', 'crypto.getRandomValues(new Uint8Array(4));'],
    ['node:crypto.randomUUID', 'import { randomUUID } from "node:crypto"; randomUUID();'],
    ['node:crypto.randomBytes', 'import crypto from "node:crypto"; crypto.randomBytes(4);'],
    ['globalThis.setTimeout', 'setTimeout(() => {}, 1e6).unref();'],
    ['globalThis.setInterval', 'setInterval(() => {}, 1e6);'],
    ['resource Timeout', 'setInterval(() => {}, 1e6);'],
    ['globalThis.setImmediate', 'Promise.resolve().then(() => setImmediate(() => {}));'],
    ['globalThis.queueMicrotask', 'queueMicrotask(() => {});'],
    ['timers.setTimeout', 'import { setTimeout } from "node:timers"; setTimeout(() => {}, 1);'],
    ['globalThis.setInterval', 'import { interval } from "rxjs"; interval(1e6).subscribe();'],
    ['process.on', 'process.on("exit", () => {});'],
    ['process.once', 'import process from "node:process"; process.once("exit", () => {});'],
    ['process.nextTick', 'process.nextTick(() => {});'],
    ['EventEmitter.on', 'import E from "node:events"; new E().on("x", () => {});'],
    ['EventTarget.addEventListener', 'new EventTarget().addEventListener("x", () => {});'],
    ['EventTarget.addEventListener', 'document.addEventListener("visibilitychange", () => {});'],
    ['globalThis.addEventListener', 'globalThis.addEventListener("online", () => {});'],
    ['new globalThis.WebSocket', 'new WebSocket("ws://127.0.0.1:9");'],
    ['globalThis.fetch', 'fetch("data:,").catch(() => {});'],
    [
      'Socket.connect',
      'import net from "node:net"; net.connect(9, "127.0.0.1").on("error", () => {});',
    ],
    ['Server.listen', 'import { createServer } from "node:net"; createServer().listen(0);'],
    [
      'http.get',
      'import { get } from "node:http"; get("http://127.0.0.1:9").on("error", () => {});',
    ],
    ['fs.watch', 'import { watch } from "node:fs"; watch(".");'],
    ['child_process.spawn', 'import { spawn } from "node:child_process"; spawn("true");'],
    [
      'new worker_threads.MessageChannel',
      'import { MessageChannel as C } from "node:worker_threads"; new C();',
    ],
    ['console.warn', 'console.warn("x");'],
    ['global codexRx', 'globalThis.codexRx = 1;'],
    ['global hidden', 'Object.defineProperty(globalThis, "hidden", { value: 1 });'],
    ['global Array: lastOne', 'Array.prototype.lastOne = () => 1;'],
    ['global Symbol: mine', 'Symbol.mine = Symbol();'],
  ];

  let found: string[][] = [];

  beforeAll(async () => {
    found = await effectsOf(
      controls.map(([, code]) => code),
      ['rxjs'],
    );
  });

  test.each(controls)('%s: %s', (effect, code) => {
    expect(
      found[controls.findIndex((control) => control[0] === effect && control[1] === code)],
    ).toContain(effect);
  });

  test('nothing else', async () => {
    const code =
      'import net from "node:net"; import "rxjs"; export class A { b = Math.max(1, 2); }';
    expect(await effectsOf([code], ['rxjs'])).toEqual([[]]);
  });
});
