import { describe, expect, test } from '@jest/globals';
import { ManagerError } from 'codex-rx';
import { CallError } from 'codex-rx/node';
import { EMPTY } from 'rxjs';
import { ask } from '../../lib/stream/index.js';
import { turnSource } from '../../lib/state/turn-source.js';

const manager = turnSource({ [ask]: () => EMPTY } as never);
const appServer = turnSource({ [ask]: () => EMPTY, call: () => undefined } as never);
const path = 'POST /api/sessions/t/messages';

describe('whether codex-manager may have got a message that failed', () => {
  test.each([
    ['it may, without an answer', new ManagerError(path, 0, null, 'unanswered'), true],
    ['it may, without an answer in time', new ManagerError(path, 0, null, 'timeout'), true],
    [
      'it has, with an answer that cannot be read',
      new ManagerError(path, 202, null, 'unreadable'),
      true,
    ],
    ['it may, if a server in between says so', new ManagerError(path, 502, null), true],
    ['it has not, if it says no', new ManagerError(path, 409, null), false],
    ['it has not, if it has failed itself', new ManagerError(path, 500, null), false],
  ])('%s', (_, error, isUnknown) => {
    expect(manager.isUnknown(error)).toBe(isUnknown);
  });
});

describe('whether codex app-server may have got a message that failed', () => {
  test.each([
    [
      'it may, if the connection was lost',
      new CallError('lost', 'turn/start', 'Lost.', true),
      true,
    ],
    ['it has not, if it says no', new CallError('refused', 'turn/start', 'No.', false), false],
  ])('%s', (_, error, isUnknown) => {
    expect(appServer.isUnknown(error)).toBe(isUnknown);
  });
});
