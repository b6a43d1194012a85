import { beforeAll, describe, expect, test } from '@jest/globals';
import { readRecording } from 'codex-rx/recording';
import { readdirSync, readFileSync } from 'node:fs';
import { readClientSchema, type ClientSchema } from '../support/client-schema.js';

const recordings = new URL('../recordings/app-server/', import.meta.url);

/** What was sent to see how the server takes it. */
const onPurpose: Readonly<Record<string, readonly string[]>> = {
  'error.jsonl': [
    'out: ClientRequest: there is no no/such',
    "out: thread/read.params: should have required property 'threadId'",
  ],
  // A client that has unsubscribed answers a request that only the other one got.
  'two-clients.jsonl': ['out: a frame without a method answers a known request'],
};

describe("codex's own schema", () => {
  let schema: ClientSchema;
  beforeAll(async () => {
    schema = await readClientSchema();
  });

  test.each(readdirSync(recordings))('accepts what was sent in the recording %s', (file) => {
    const { entries } = readRecording(readFileSync(new URL(file, recordings), 'utf8'));
    const clients = new Set(entries.map(({ sock }) => sock));
    const errors = [...clients].flatMap((client) =>
      schema.validateConversation(entries.filter(({ sock }) => sock === client)),
    );
    expect(errors).toEqual(onPurpose[file] ?? []);
  });

  test('tells what is wrong with what a client sends', () => {
    const { validateClientFrame } = schema;
    const approval = 'item/commandExecution/requestApproval';
    expect(validateClientFrame({ method: 'initialized' })).toEqual([]);
    expect(validateClientFrame({ id: 0, result: { decision: 'accept' } }, approval)).toEqual([]);
    expect(validateClientFrame({ id: 0, error: { code: -1, message: 'no' } }, approval)).toEqual(
      [],
    );
    expect(validateClientFrame({ id: 0, result: {} }, approval)).toEqual([
      `the answer to ${approval}: should have required property 'decision'`,
    ]);
    expect(validateClientFrame({ id: 0, result: {} })).toEqual([
      'a frame without a method answers a known request',
    ]);
    expect(validateClientFrame({ id: 1, method: 'turn/interrupt', params: {} })).toEqual([
      "turn/interrupt.params: should have required property 'threadId'",
      "turn/interrupt.params: should have required property 'turnId'",
    ]);
    expect(validateClientFrame({ id: 1, method: 'turn/starts', params: {} })).toEqual([
      'ClientRequest: there is no turn/starts',
    ]);
  });

  test('tells what is wrong with what a server sends', () => {
    const { validateServerFrame } = schema;
    expect(validateServerFrame({ method: 'turn/started', params: { threadId: 1 } })).toEqual([
      'turn/started.params.threadId: should be string',
      "turn/started.params: should have required property 'turn'",
    ]);
    expect(validateServerFrame({ id: 1, result: {} }, 'thread/unsubscribe')).toEqual([
      "the answer to thread/unsubscribe: should have required property 'status'",
    ]);
  });
});
