import { describe, expect, test } from '@jest/globals';
import { deltaNotifications, housekeepingNotifications } from 'codex-rx/node';
import { knownNotifications } from '../../lib/app-server/known-methods.js';

describe.each([
  ['deltaNotifications', deltaNotifications],
  ['housekeepingNotifications', housekeepingNotifications],
])('%s', (_, methods) => {
  test('are methods of the protocol, each once', () => {
    expect(methods.filter((method) => !knownNotifications.has(method))).toEqual([]);
    expect(new Set(methods).size).toBe(methods.length);
  });

  test('leave in what tells of the life of threads, turns, items and requests', () => {
    const life =
      /^(thread\/(started|closed|status)|turn\/|item\/(started|completed)|serverRequest)/;
    expect(methods.filter((method) => life.test(method))).toEqual([]);
  });
});
