import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import {
  knownNotifications,
  knownServerRequests,
  knownVariants,
} from '../../lib/app-server/known-methods.js';

const source = readFileSync(new URL('../../lib/protocol/names.ts', import.meta.url), 'utf8');

/** The wire methods in an interface of names.ts. */
function methodsOf(name: string): ReadonlySet<string> {
  const body = source.split(`interface ${name} {`)[1]?.split('\n}')[0] ?? '';
  return new Set([...body.matchAll(/: '([^']+)';/g)].map(([, method = '']) => method));
}

describe('what is known at run time', () => {
  test('are the methods of the types', () => {
    expect(knownNotifications).toEqual(methodsOf('NotificationNames'));
    expect(knownServerRequests).toEqual(methodsOf('ServerRequestNames'));
    expect(knownNotifications.size).toBeGreaterThan(80);
    expect(knownServerRequests.size).toBeGreaterThan(10);
  });

  test('are variants of types, several of each', () => {
    expect(Object.values(knownVariants).every(({ size }) => size > 1)).toBe(true);
  });

  test('are the values of an enum', () => {
    expect([...knownVariants.TurnStatus].sort()).toEqual([
      'completed',
      'failed',
      'inProgress',
      'interrupted',
    ]);
  });

  test('are the tags of a tagged union', () => {
    expect([...knownVariants.ThreadStatus].sort()).toEqual([
      'active',
      'idle',
      'notLoaded',
      'systemError',
    ]);
    expect(knownVariants.ThreadItem.size).toBeGreaterThan(18);
    expect(knownVariants.ThreadItem).toContain('agentMessage');
  });

  test('are the strings and the properties of a union that has both', () => {
    expect(knownVariants.CodexErrorInfo).toContain('usageLimitExceeded');
    expect(knownVariants.CodexErrorInfo).toContain('httpConnectionFailed');
  });
});
