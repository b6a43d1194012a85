import { describe, expect, test } from '@jest/globals';
import type { Envelope } from 'codex-rx';
import { readRecordingFile } from 'codex-rx/node';
import { replay } from 'codex-rx/recording';
import { readFile, writeFile } from 'node:fs/promises';
import { lastValueFrom, map, toArray, type Observable } from 'rxjs';
import { header, lines, received } from '../recording/text.js';
import { newFile } from '../support/new-file.js';

const event = (text: string) => ({ type: 'x', threadId: null, payload: text });
const texts = (event$: Observable<Envelope>) =>
  lastValueFrom(
    event$.pipe(
      map(({ payload }) => payload),
      toArray(),
    ),
  );

describe('readRecordingFile', () => {
  test('gives the whole file in pieces of whole lines, whatever their size', async () => {
    const path = await newFile();
    const sizes = [1, 70_000, 300_000, 1_500_000, 5, 262_144, 0, 900_000];
    const entries = sizes.map((size, t) => received(t, event('é'.repeat(size))));
    await writeFile(path, header() + lines(...entries));
    const pieces: string[] = [];
    for await (const piece of readRecordingFile(path)) {
      expect(piece.endsWith('\n')).toBe(true);
      pieces.push(piece);
    }
    expect(pieces.length).toBeGreaterThan(3);
    expect(pieces.join('')).toBe(await readFile(path, 'utf8'));
    const replayed = replay(readRecordingFile(path), { speed: Infinity });
    expect(await texts(replayed)).toEqual(sizes.map((size) => 'é'.repeat(size)));
    // Cold: each subscriber reads it anew.
    expect(await texts(replayed)).toHaveLength(sizes.length);
  });

  test('gives a last line without its end, too, and nothing of an empty file', async () => {
    const path = await newFile();
    await writeFile(path, `${header()}${lines(received(0, event('a')))}{"t":1`);
    const told: unknown[] = [];
    const options = { speed: Infinity, malformed: (line: object) => told.push(line) };
    expect(await texts(replay(readRecordingFile(path), options))).toEqual(['a']);
    expect(told).toMatchObject([{ line: 3, reason: 'cut' }]);
    await writeFile(path, '');
    await expect(texts(replay(readRecordingFile(path)))).rejects.toThrow('is no header');
  });

  test('is an error of the replay if it cannot be read', async () => {
    const failed = texts(replay(readRecordingFile(`${await newFile()}.none`)));
    await expect(failed).rejects.toThrow('ENOENT');
  });

  test('holds no more than a piece of a large file', async () => {
    const path = await newFile();
    await writeFile(path, header() + lines(received(0, event('x'.repeat(10_000)))).repeat(1_000));
    let longest = 0;
    for await (const { length } of readRecordingFile(path)) longest = Math.max(longest, length);
    expect(longest).toBeLessThan(300_000);
  });
});
