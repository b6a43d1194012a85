import { beforeAll, describe, expect, test } from '@jest/globals';
import { writeRecordingFile } from 'codex-rx/node';
import { readRecording } from 'codex-rx/recording';
import { build } from 'esbuild';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, statSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { newFile } from '../support/new-file.js';
import { until } from '../support/until.js';
import type { Printed } from './writing-process.js';

test('writes line by line, in order, and all of it before close resolves', async () => {
  const path = await newFile();
  const file = writeRecordingFile(path);
  expect(file.path).toBe(path);
  const lines = Array.from({ length: 10_000 }, (_, i) => `{"n":${i},"text":"é€😀"}\n`);
  for (const line of lines) file.write(line);
  expect(file.writableLength).toBeGreaterThan(0);
  await file.close();
  await file.close();
  expect(await readFile(path, 'utf8')).toBe(lines.join(''));
  expect(file.writableLength).toBe(0);
  expect(() => {
    file.write('x');
  }).toThrow(`The recording ${path} is closed.`);
});

test('writes what it is given soon, and not only when it is closed', async () => {
  const path = await newFile();
  const file = writeRecordingFile(path);
  file.write('a line\n');
  await until(() => statSync(path).size > 0);
  expect(await readFile(path, 'utf8')).toBe('a line\n');
  await file.close();
});

test('writes over nothing, and says what it cannot make', async () => {
  const path = await newFile();
  await writeFile(path, 'dear');
  expect(() => writeRecordingFile(path)).toThrow(
    `The recording ${path} cannot be made: it exists, and recordings are not written over.`,
  );
  expect(await readFile(path, 'utf8')).toBe('dear');
  const nowhere = join(dirname(path), 'no', 'x.jsonl');
  expect(() => writeRecordingFile(nowhere)).toThrow('cannot be made: ENOENT');
  expect(() => writeRecordingFile('')).toThrow('"path" must be the path of a file.');
});

describe('a recording that is written by another process', () => {
  let program = '';

  beforeAll(async () => {
    const { outputFiles } = await build({
      entryPoints: [fileURLToPath(new URL('writing-process.ts', import.meta.url))],
      alias: {
        '#websocket': fileURLToPath(new URL('../../lib/node/websocket.ts', import.meta.url)),
        '#secret-rules': fileURLToPath(new URL('../../lib/node/secretlint.ts', import.meta.url)),
      },
      bundle: true,
      format: 'esm',
      packages: 'external',
      platform: 'node',
      write: false,
    });
    program = outputFiles[0]!.text;
  });

  /** Runs it in a shell, after a command. */
  const start = (path: string, command = ':') =>
    spawn('/bin/sh', ['-c', `${command}; exec "$0" "$@"`, process.execPath, ...flags, program], {
      env: { RECORDING_FILE: path },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
  const flags = ['--input-type=module', '--eval'];

  test('has every line but perhaps a part of the last, when that is killed', async () => {
    const path = await newFile();
    const child = start(path);
    await until(() => existsSync(path) && statSync(path).size > 3_000_000);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const text = await readFile(path, 'utf8');
    const { entries, cut } = readRecording(text);
    expect(cut).toBe(!text.endsWith('\n'));
    expect(entries.length).toBeGreaterThan(1_000);
    const numbers = entries.map(({ frame }) => (frame as { payload: { n: number } }).payload.n);
    expect(numbers).toEqual(entries.map((_, i) => i));
    // However much of the last line there is, the rest can be read.
    const last = text.slice(0, -600);
    expect(readRecording(last)).toMatchObject({ cut: true });
  });

  test('ends with what the disk has room for: that is told, and the events go on', async () => {
    const path = await newFile();
    const child = start(path, 'ulimit -f 500');
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    await once(child, 'close');
    const { failed, closed, sent, seen, missing } = JSON.parse(output) as Printed;
    expect(failed).toEqual([expect.stringContaining('EFBIG')]);
    expect(closed).toContain('EFBIG');
    expect(seen).toBe(sent);
    expect(missing).toBeGreaterThanOrEqual(50);
    const { entries } = readRecording(await readFile(path, 'utf8'));
    expect(entries.length).toBeGreaterThan(100);
  });
});
