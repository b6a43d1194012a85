import { describe, expect, test } from '@jest/globals';
import { readRecording, RecordingError, type RecordingFault } from 'codex-rx/recording';
import { readdirSync, readFileSync } from 'node:fs';
import { header, lines, received } from './text.js';

/** What reading a text throws. */
function damage(text: string): RecordingError {
  try {
    readRecording(text);
  } catch (error) {
    expect(error).toBeInstanceOf(RecordingError);
    return error as RecordingError;
  }
  throw new Error('Nothing was thrown.');
}

describe('readRecording', () => {
  test('gives the header and the entries, and skips empty lines', () => {
    const entries = [received(1, { type: 'ready' }), { t: 2, dir: 'close', code: 1005 }] as const;
    const text = `\uFEFF${header()}\n${lines(entries[0])}  \r\n${lines(entries[1]).trim()}\r\n`;
    expect(readRecording(text)).toEqual({
      header: {
        recording: 'codex-rx',
        version: 1,
        protocol: 'codex-manager',
        startedAt: '2026-11-22T15:00:00.000Z',
      },
      entries,
      cut: false,
    });
  });

  test('reads a recording of nothing, and members that it does not know', () => {
    expect(readRecording(header('app-server', { by: 'Ada' }))).toMatchObject({
      header: { protocol: 'app-server', by: 'Ada' },
      entries: [],
      cut: false,
    });
    expect(readRecording(`${header()}{"t":1,"dir":"new","x":1}`).entries).toEqual([
      { t: 1, dir: 'new', x: 1 },
    ]);
  });

  test.each(['{"t":1,"dir":"in","fra', '{', '{"t":1,"sock":"caf\u00c3'])(
    'tells that the last line is cut off, and leaves it out: %s',
    (rest) => {
      const text = header() + lines(received(0, {}));
      const { entries, cut } = readRecording(text + rest);
      expect({ entries, cut }).toEqual({ entries: [received(0, {})], cut: true });
    },
  );

  test.each<[string, RecordingFault, number, string]>([
    [
      '',
      'no-header',
      1,
      'is no header, {"recording":"codex-rx","version":1,…}. It begins: (nothing)',
    ],
    ['{"recording":', 'not-json', 1, 'is not JSON. It begins: {"recording":'],
    [lines(received(0, {})), 'no-header', 1, 'is no header'],
    ['5\n', 'no-header', 1, 'is no header'],
    [
      header('codex-manager', { version: 2 }),
      'wrong-version',
      1,
      'is of version 2, and this codex-rx reads version 1: update it.',
    ],
    [
      header('soap' as never),
      'no-header',
      1,
      'has no "protocol": "codex-manager" or "app-server".',
    ],
    [
      header('app-server', { startedAt: 'today' }),
      'no-header',
      1,
      'has no "startedAt" in ISO 8601.',
    ],
    [`${header()}\n\nnonsense\n`, 'not-json', 4, 'is not JSON. It begins: nonsense'],
    [`${header()}{"t":1,"dir\n${lines(received(2, {}))}`, 'not-json', 2, 'is not JSON.'],
    [`${header()}{"t":1,"dir\n`, 'not-json', 2, 'is not JSON.'],
    [`${header()}null\n`, 'bad-entry', 2, 'has no "t", its time in ms. It begins: null'],
    [`${header()}[]\n`, 'bad-entry', 2, 'has no "t", its time in ms.'],
    [`${header()}{"t":"1","dir":"in"}\n`, 'bad-entry', 2, 'has no "t", its time in ms.'],
    [`${header()}{"t":1}`, 'bad-entry', 2, 'has no "dir", such as "in". It begins: {"t":1}'],
    [header() + header(), 'bad-entry', 2, 'has no "t", its time in ms.'],
  ])('names the line that is damaged, and what is wrong: %j', (text, kind, line, what) => {
    const error = damage(text);
    expect(error).toMatchObject({ name: 'RecordingError', kind, line });
    expect(error.message).toContain(`Line ${line} of the recording ${what}`);
  });

  test('shows no more of a bad line than is needed to find it', () => {
    expect(damage(`${header()}${'x'.repeat(10_000)}\n`).message).toMatch(/: x{80}$/);
  });

  test('keeps long integers of app-server exact, as the live source does', () => {
    const line = '{"t":1,"sock":"1","dir":"in","frame":{"id":9007199254740993,"n":1}}\n';
    const [entry] = readRecording(header('app-server') + line).entries;
    expect(entry?.frame).toEqual({ id: '9007199254740993', n: 1 });
  });
});

describe.each(['codex-manager', 'app-server'])('the recordings of %s', (protocol) => {
  const folder = new URL(`../recordings/${protocol}/`, import.meta.url);

  test.each(readdirSync(folder))('%s is one', (file) => {
    const { header, entries, cut } = readRecording(readFileSync(new URL(file, folder), 'utf8'));
    expect(header.protocol).toBe(protocol);
    expect(cut).toBe(false);
    expect(entries.length).toBeGreaterThan(10);
    for (const { dir, sock } of entries) {
      expect(['in', 'out', 'http', 'close', 'note']).toContain(dir);
      if (dir === 'in' || dir === 'out' || dir === 'close') expect(sock).toBeTruthy();
    }
  });
});
