import { describe, expect, test } from '@jest/globals';
import { readStatus } from '../../lib/state/turn-view.js';

const turn = (status: string, ...types: string[]) =>
  ({ id: 'u', status, items: types.map((type) => ({ type })) }) as never;
const failed = { error: { message: 'no' } } as never;

describe('how a turn ended that a server was asked about', () => {
  test.each([
    ['a server that reads failures is believed', turn('failed'), undefined, true, 'failed', true],
    ['what is not over is believed', turn('inProgress'), undefined, false, 'inProgress', true],
    ['an error that was heard counts', turn('completed'), failed, false, 'failed', false],
    [
      'one with an answer is completed',
      turn('completed', 'reasoning', 'agentMessage'),
      undefined,
      false,
      'completed',
      false,
    ],
    ['one without is not', turn('completed', 'reasoning'), undefined, false, 'incomplete', false],
  ])('%s', (_, stored, heard, readsFailures, status, certain) => {
    expect(readStatus(stored, heard, readsFailures)).toEqual({ status, certain });
  });
});
