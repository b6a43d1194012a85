import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Envelope, NotificationParams, ServerRequestParams } from 'codex-rx';
import { alphabet, notification, request, turn } from 'codex-rx/testing';
import { readFileSync } from 'node:fs';
import { knownNotifications, knownServerRequests } from '../../lib/app-server/known-methods.js';
import { itemTypes } from '../../lib/testing/builders/defaults/items.js';
import { elicitationModes } from '../../lib/testing/builders/defaults/requests.js';
import { readClientSchema, type ClientSchema } from '../support/client-schema.js';

const notifications = [...knownNotifications] as (keyof NotificationParams)[];
/** What only older versions have, the newest one cannot check. */
const { retired } = JSON.parse(
  readFileSync(new URL('../../.ci/protocol/history.json', import.meta.url), 'utf8'),
) as { readonly retired: { readonly experimental: { readonly requests: readonly Retired[] } } };
const isRetired = (name: string) =>
  retired.experimental.requests.some(({ method }) => method === name);
const requests = [...knownServerRequests].filter(
  (method) => !isRetired(method),
) as (keyof ServerRequestParams)[];

interface Retired {
  readonly method: string;
}

describe('what the builders of codex-rx/testing make, to the real schema', () => {
  let schema: ClientSchema;
  beforeAll(async () => {
    schema = await readClientSchema();
  });

  /** What is wrong with the message that an event tells. */
  function errorsIn({ payload }: Envelope): readonly string[] {
    const { method, params, requestId } = payload as Record<string, unknown>;
    return schema.validateServerFrame({
      ...(requestId !== undefined && { id: requestId }),
      method,
      params,
    });
  }

  test.each(notifications)('the notification %s is valid', (method) => {
    expect(errorsIn(notification(method))).toEqual([]);
  });

  test.each(requests)('the request %s is valid', (method) => {
    expect(errorsIn(request(method))).toEqual([]);
  });

  test.each(itemTypes)(
    'an item of the type %s is valid as it starts and when it is done',
    (type) => {
      const item = { type } as never;
      expect(errorsIn(notification('item/started', { item }))).toEqual([]);
      expect(errorsIn(notification('item/completed', { item }))).toEqual([]);
    },
  );

  test.each(elicitationModes)('what an MCP server asks in the mode %s is valid', (mode) => {
    expect(errorsIn(request('mcpServer/elicitation/request', { mode }))).toEqual([]);
  });

  test.each(Object.entries(alphabet))('the letter %s is valid', (_, event) => {
    expect(errorsIn(event)).toEqual([]);
  });

  const commands = [
    'ls',
    { command: 'make', output: 'boom', exitCode: 2, approval: 'accept' },
    { command: 'rm a', approval: 'decline' },
  ] as const;
  const waiting = [{ command: 'rm b', approval: 'pending' }] as const;

  test.each([
    ['by default', {}],
    ['with commands', { commands }],
    ['that has failed', { status: 'failed', error: 'No more tokens.' }],
    ['that was interrupted', { status: 'interrupted' }],
    ['that waits', { commands: waiting }],
    ['that was interrupted while it waited', { commands: waiting, status: 'interrupted' }],
  ] as const)('every event of a turn %s is valid', (_, options) => {
    expect(turn(options).flatMap(errorsIn)).toEqual([]);
  });

  test('would say what is not', () => {
    const broken = notification('turn/started', { turn: { id: 1 as never } });
    expect(errorsIn(broken)).toEqual(['turn/started.params.turn.id: should be string']);
  });
});
