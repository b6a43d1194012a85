import { describe, expect, jest, test } from '@jest/globals';
import { formatWithOptions } from 'node:util';
import { writeLog } from '../../lib/text/index.js';

const boom = (): never => {
  throw new Error('boom');
};

test('a message without an error is a warning, one with an error is an error', () => {
  const log = { warn: jest.fn(), error: jest.fn() };
  writeLog(log, 'late');
  writeLog(log, 'broken', undefined);
  expect(log.warn.mock.calls).toEqual([['codex-rx: late']]);
  expect(log.error.mock.calls).toEqual([['codex-rx: broken', undefined]]);
});

test('a log keeps its `this`', () => {
  const log = {
    lines: [] as string[],
    warn(message: string) {
      this.lines.push(message);
    },
    error: boom,
  };
  writeLog(log, 'late');
  expect(log.lines).toEqual(['codex-rx: late']);
});

test.each([
  ['throws', boom],
  ['rejects', () => Promise.reject(new Error('boom'))],
  ['returns what throws when it is asked to wait', () => ({ then: boom })],
])('a log that %s harms nothing', async (_, write) => {
  const escaped: unknown[] = [];
  const listen = (error: unknown) => escaped.push(error);
  process.on('unhandledRejection', listen);
  try {
    writeLog({ warn: write, error: write }, 'late');
    writeLog({ warn: write, error: write }, 'broken', new Error('x'));
    await new Promise((resolve) => setTimeout(resolve));
  } finally {
    process.off('unhandledRejection', listen);
  }
  expect(escaped).toEqual([]);
});

describe('what is written to a console', () => {
  const hostile = 'rm -rf ~\u001b[2K\rls\u009b\u202e';
  const circle: { self?: object } = {};
  circle.self = circle;
  const written = (message: string, ...errors: [] | [unknown]) => {
    const said: string[] = [];
    const write = (...given: unknown[]) =>
      void said.push(formatWithOptions({ depth: 9 }, ...given));
    const spies = [
      jest.spyOn(console, 'error').mockImplementation(write),
      jest.spyOn(console, 'warn').mockImplementation(write),
    ];
    writeLog(console, message, ...errors);
    for (const spy of spies) spy.mockRestore();
    return said.join('\n');
  };

  test.each<[string, unknown]>([
    ['an error', new Error(hostile)],
    ['the cause of an error', new Error('a', { cause: new Error('b', { cause: hostile }) })],
    ['one of several errors', new AggregateError([new Error(hostile)], 'a')],
    ['a member of an error', Object.assign(new Error('a'), { body: { text: hostile } })],
    ['an error with a circle', Object.assign(new Error(hostile), { circle })],
    ['a value that was thrown', hostile],
  ])('has no controls in %s', (_, error) => {
    const text = written('broken', error);
    expect(text).toMatch(/^codex-rx: broken/);
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u);
  });

  test('has none in the message, nor does any other log get them there', () => {
    expect(written(hostile)).toBe('codex-rx: rm -rf ~\\u001b[2K\\u000dls\\u009b\\u202e');
    const log = { warn: jest.fn(), error: jest.fn() };
    const error = new Error(hostile);
    writeLog(log, hostile, error);
    expect(log.error.mock.calls).toEqual([
      ['codex-rx: rm -rf ~\\u001b[2K\\u000dls\\u009b\\u202e', error],
    ]);
    expect(log.error.mock.calls[0]?.[1]).toBe(error);
  });

  test('is the error itself where there are none', () => {
    const write = jest.spyOn(console, 'error').mockImplementation(() => undefined);
    const error = new Error('plain', { cause: 'ls\tx\ny' });
    writeLog(console, 'broken', error);
    expect((write.mock.calls as unknown[][])[0]?.[1]).toBe(error);
    write.mockRestore();
  });
});

test('false is written to nowhere', () => {
  const written = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
  try {
    writeLog(false, 'late');
    expect(written).not.toHaveBeenCalled();
  } finally {
    written.mockRestore();
  }
});
