import { expect, jest, test } from '@jest/globals';
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

test('false is written to nowhere', () => {
  const written = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
  try {
    writeLog(false, 'late');
    expect(written).not.toHaveBeenCalled();
  } finally {
    written.mockRestore();
  }
});
