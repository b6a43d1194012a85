import { describe, expect, test } from '@jest/globals';
import { ConnectionError } from 'codex-rx';
import { endOf } from '../../lib/socket/connection-error.js';

const refused = (status: number) => endOf({ kind: 'refused', status }, false);
const closed = (code: number, reason = '') => endOf({ kind: 'closed', code, reason }, true);

describe('what the end of a link means', () => {
  test.each([301, 400, 401, 403, 404, 426])('HTTP status %i is a no for good', (status) => {
    expect(refused(status)).toMatchObject({ kind: 'refused', code: status, permanent: true });
  });

  test.each([408, 425, 429, 500, 502, 503, 504])('HTTP status %i says later', (status) => {
    expect(refused(status)).toMatchObject({ kind: 'refused', code: status, permanent: false });
  });

  test.each([1002, 1003, 1007, 1010])('close code %i is a no for good', (code) => {
    expect(closed(code)).toMatchObject({ kind: 'lost', code, permanent: true });
  });

  test.each([1000, 1001, 1005, 1006, 1008, 1009, 1011, 1012, 1013, 4000])(
    'close code %i is no reason to stay away, clean or not',
    (code) => {
      expect(closed(code)).toMatchObject({ kind: 'lost', code, permanent: false });
    },
  );

  test('the message says what happened, with the status, the code and the reason', () => {
    expect(refused(403).message).toBe('The server refused the websocket with HTTP status 403.');
    expect(closed(1005).message).toBe('The server closed the connection (code 1005).');
    expect(closed(1012, 'restart').message).toBe(
      'The server closed the connection (code 1012, "restart").',
    );
    expect(endOf({ kind: 'closed', code: 1006, reason: '' }, false).message).toBe(
      'The server closed the connection (code 1006).',
    );
  });

  test('what Node could not read as HTTP is not kept: it may be our own headers, said back', () => {
    const error = Object.assign(new Error('Parse Error'), { rawPacket: Buffer.from('token') });
    const { cause } = endOf({ kind: 'failed', error }, false);
    expect(cause).toBe(error);
    expect(cause).not.toHaveProperty('rawPacket');
  });

  test('a redirect is shown, and so is a subprotocol that was not agreed on', () => {
    const { message } = endOf({ kind: 'refused', status: 302, location: 'https://login/a' }, false);
    expect(message).toBe(
      'The server refused the websocket with HTTP status 302: it redirects to https://login/a, which is not followed.',
    );
    const reason = 'it chose no subprotocol that "protocols" offers';
    expect(endOf({ kind: 'refused', status: 101, reason }, false)).toMatchObject({
      permanent: true,
      message: `The server refused the websocket: ${reason}.`,
    });
  });

  test('a failure before the connection was open is an unreachable server, after it a broken one', () => {
    const error = new Error('connect ECONNREFUSED 127.0.0.1:1');
    const before = endOf({ kind: 'failed', error }, false);
    expect(before).toBeInstanceOf(ConnectionError);
    expect(before).toMatchObject({
      kind: 'unreachable',
      permanent: false,
      code: null,
      cause: error,
    });
    expect(before.message).toBe('The server cannot be reached: connect ECONNREFUSED 127.0.0.1:1.');
    const after = endOf({ kind: 'failed', error: 'reset' }, true);
    expect(after).toMatchObject({ kind: 'lost', permanent: false, code: null, cause: 'reset' });
    expect(after.message).toBe('The connection broke: reset.');
  });

  test('a failure may say that trying again is of no use', () => {
    const error = new Error('"codex" was not found');
    expect(endOf({ kind: 'failed', error, permanent: true }, false)).toMatchObject({
      kind: 'unreachable',
      permanent: true,
      message: 'The server cannot be reached: "codex" was not found.',
    });
  });

  test('a process that exited may be started again, and is quoted', () => {
    const exited = (code: number | null, signal: string | null, stderr: string, wasOpen = true) =>
      endOf({ kind: 'exited', code, signal, stderr }, wasOpen);
    expect(exited(1, null, '')).toMatchObject({
      kind: 'lost',
      code: 1,
      permanent: false,
      message: 'The process exited (code 1).',
    });
    expect(exited(null, 'SIGKILL', '\n', false)).toMatchObject({
      kind: 'unreachable',
      code: null,
      permanent: false,
      message: 'The process exited (signal SIGKILL).',
    });
    expect(exited(2, null, 'one\ntwo\n \n three\nfour\nfive\nsix\n').message).toBe(
      'The process exited (code 2): two\n three\nfour\nfive\nsix',
    );
    const ofCodex =
      'Error: no such setting\n\nStack backtrace:\n   0: <unknown>\n   1: <unknown>\n';
    expect(exited(1, null, ofCodex).message).toBe(
      'The process exited (code 1): Error: no such setting',
    );
  });

  test('of several addresses that failed, the first is told', () => {
    const first = new Error('connect ECONNREFUSED ::1:1');
    const error = new AggregateError([first, new Error('connect ECONNREFUSED 127.0.0.1:1')]);
    expect(endOf({ kind: 'failed', error }, false).message).toContain('ECONNREFUSED ::1:1');
    const empty = new AggregateError([]);
    expect(endOf({ kind: 'failed', error: empty }, false).message).toContain('AggregateError');
    expect(endOf({ kind: 'failed', error: new TypeError('') }, false).message).toContain(
      'TypeError',
    );
  });
});
