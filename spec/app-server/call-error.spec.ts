import { expect, test } from '@jest/globals';
import { CallError } from 'codex-rx/node';
import { refused, unanswered } from '../../lib/app-server/call-error.js';

test('says what the server said, with its code and its data', () => {
  const error = refused('turn/start', { code: -32600, message: 'no such thread', data: { x: 1 } });
  expect(error).toBeInstanceOf(CallError);
  expect(error).toMatchObject({
    name: 'CallError',
    kind: 'refused',
    method: 'turn/start',
    message: 'turn/start: no such thread (code -32600)',
    code: -32600,
    data: { x: 1 },
    outcomeUnknown: false,
  });
  expect(refused('a', { code: 1, message: '' }).data).toBeNull();
});

test('says whether the server may have done it all the same', () => {
  const sent = unanswered('timeout', 'a', 'Nothing came.', true);
  expect(sent.message).toBe('a: Nothing came. It may have been carried out: it is not sent again.');
  expect(sent).toMatchObject({ kind: 'timeout', outcomeUnknown: true, code: null, data: null });
  const waiting = unanswered('closed', 'a', 'The stream is closed.', false);
  expect(waiting.message).toBe('a: The stream is closed. It was not sent.');
  expect(waiting.outcomeUnknown).toBe(false);
});

test('carries the cause', () => {
  expect(unanswered('aborted', 'a', 'x', true, 'because').cause).toBe('because');
});
