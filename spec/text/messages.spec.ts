import { expect, test } from '@jest/globals';
import { accept, EnvelopeError, HandlerError } from 'codex-rx';
import { refused } from '../../lib/app-server/call-error.js';
import { parseJson } from '../../lib/envelope/parse-json.js';
import { ManagerError } from '../../lib/manager/manager-error.js';
import { RecordingError } from '../../lib/recording/recording-error.js';
import { AnswerError } from '../../lib/requests/answer-error.js';
import { endOf } from '../../lib/socket/connection-error.js';

const hostile = 'rm -rf ~\u001b[2K\rls\u009b\u202e';
const shown = 'rm -rf ~\\u001b[2K\\u000dls\\u009b\\u202e';

const thrownBy = (task: () => unknown): Error => {
  try {
    task();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
};

test.each<[string, Error]>([
  ['a frame', new EnvelopeError('no-type', hostile)],
  ['a frame that is not JSON', thrownBy(() => parseJson(hostile))],
  ['the reason of a close', endOf({ kind: 'closed', code: 1008, reason: hostile }, true)],
  ['stderr', endOf({ kind: 'exited', code: 1, signal: null, stderr: hostile }, true)],
  ['an error of a call', refused('a', { code: 1, message: hostile })],
  ['an answer of REST', new ManagerError('/api', 500, { message: hostile })],
  ['a line of a recording', new RecordingError('not-json', 1, hostile)],
  ['why an answer did not count', new AnswerError('refused', hostile)],
  [
    'the method of a request',
    thrownBy(() => accept({ method: hostile, kind: 'other', params: {} } as never)),
  ],
  ['an error of a handler', new HandlerError('a', 'handler', null, new Error(hostile))],
])('a message that quotes %s shows its control characters', (_, { message }) => {
  expect(message).toContain(shown);
});

test('the cause of a frame that is not JSON shows them too', () => {
  const { cause } = thrownBy(() => parseJson('\u001b]0;x'));
  expect(cause).toBeInstanceOf(SyntaxError);
  expect((cause as Error).message).not.toContain('\u001b');
});

test('values that are handed to code are exact', () => {
  const cause = new Error(hostile);
  expect(new EnvelopeError('no-type', hostile).excerpt).toBe(hostile);
  expect(new HandlerError('a', 'handler', null, cause).cause).toBe(cause);
  expect(refused('a', { code: 1, message: 'a', data: hostile }).data).toBe(hostile);
  expect(new ManagerError('/api', 500, { message: hostile }).body).toEqual({ message: hostile });
});
