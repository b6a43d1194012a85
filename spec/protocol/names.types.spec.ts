import { describe, expect, test } from '@jest/globals';
import {
  notificationType,
  normalizeMethod,
  requestType,
  type NotificationParams,
  type ServerRequestAnswers,
  type ServerRequestParams,
} from 'codex-rx';
import { expectTypeOf } from 'expect-type';
import { readFileSync } from 'node:fs';
import type { NotificationNames, ServerRequestNames } from '../../lib/protocol/index.js';

const source = readFileSync(new URL('../../lib/protocol/names.ts', import.meta.url), 'utf8');

/** The rows of an interface in names.ts: normalised name, wire method. */
function rowsOf(name: string): readonly (readonly [string, string])[] {
  const body = source.split(`interface ${name} {`)[1]?.split('\n}')[0] ?? '';
  return [...body.matchAll(/readonly '?([\w.]+)'?: '([^']+)';/g)].map(
    ([, normalised = '', method = '']) => [normalised, method],
  );
}

describe('the names of the protocol', () => {
  test('stand for every method of the protocol, once', () => {
    expectTypeOf<NotificationNames[keyof NotificationNames]>().toEqualTypeOf<
      keyof NotificationParams
    >();
    expectTypeOf<ServerRequestNames[keyof ServerRequestNames]>().toEqualTypeOf<
      keyof ServerRequestParams
    >();
    expectTypeOf<keyof ServerRequestAnswers>().toEqualTypeOf<keyof ServerRequestParams>();
  });

  test('are those of 87 notifications and 11 server requests', () => {
    expect(rowsOf('NotificationNames')).toHaveLength(87);
    expect(rowsOf('ServerRequestNames')).toHaveLength(11);
  });

  test('are what normalizeMethod makes of the methods', () => {
    const rows = [...rowsOf('NotificationNames'), ...rowsOf('ServerRequestNames')];
    expect(rows).toEqual(rows.map(([, method]) => [normalizeMethod(method), method]));
  });

  test('make a type for each method that no other has', () => {
    const types = [
      ...rowsOf('NotificationNames').map(([, method]) => notificationType(method)),
      ...rowsOf('ServerRequestNames').map(([, method]) => requestType(method)),
    ];
    expect(new Set(types).size).toBe(98);
  });
});
