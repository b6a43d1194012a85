import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { build } from 'esbuild';
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env, execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import ts from 'typescript';
import type { createDriftReport } from '../../lib/app-server/drift.js';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));

interface Bundle {
  readonly definitions: Record<string, unknown> & {
    readonly v2: Record<string, unknown>;
  };
}

/** Adds a notification, a server request, a call and a kind of items: no one has seen them before. */
function addMethods({ definitions }: Bundle): void {
  const object = (properties: object) => ({
    type: 'object',
    properties,
    required: Object.keys(properties),
  });
  const text = { type: 'string' };
  const membersOf = (union: unknown) => (union as { oneOf: unknown[] }).oneOf;
  const add = (union: string, method: string, params: string) => {
    const named = { method: { type: 'string', enum: [method] } };
    const member = object({ ...named, params: { $ref: `#/definitions/v2/${params}` } });
    membersOf(definitions[union]).push(member);
  };
  const dream = object({ type: { type: 'string', enum: ['dream'] }, id: text, about: text });
  membersOf(definitions.v2['ThreadItem']).push({ ...dream, title: 'DreamThreadItem' });
  add('ServerNotification', 'thread/mood/changed', 'ThreadMoodChangedNotification');
  add('ServerRequest', 'item/mood/ask', 'MoodAskParams');
  add('ClientRequest', 'thread/mood/read', 'ThreadMoodReadParams');
  Object.assign(definitions.v2, {
    Mood: { type: 'string', enum: ['bright', 'dark'] },
    ThreadMoodChangedNotification: object({
      threadId: text,
      mood: { $ref: '#/definitions/v2/Mood' },
    }),
    MoodAskParams: object({ threadId: text, turnId: text }),
    MoodAskResponse: object({ mood: { $ref: '#/definitions/v2/Mood' } }),
    ThreadMoodReadParams: object({ threadId: text }),
    ThreadMoodReadResponse: object({ mood: { $ref: '#/definitions/v2/Mood' } }),
  });
}

describe('a method that is added to the schema', () => {
  let out = '';
  const generated = (path: string) => readFile(join(out, path), 'utf8');

  beforeAll(async () => {
    out = await mkdtemp(join(tmpdir(), 'codex-rx-new-method-'));
    for (const [name, options] of [
      ['experimental', ['--experimental']],
      ['stable', []],
    ] as const) {
      const printed = join(out, name);
      const args = ['app-server', 'generate-json-schema', ...options, '--out', printed];
      await mkdir(printed);
      await run(env['CODEX_BINARY'] ?? '', args, { env: { CODEX_HOME: printed } });
      const file = join(printed, 'codex_app_server_protocol.schemas.json');
      const bundle = JSON.parse(await readFile(file, 'utf8')) as Bundle;
      addMethods(bundle);
      await writeFile(join(out, `${name}.json`), JSON.stringify(bundle));
    }
    for (const path of ['lib', 'docs/events.md', 'package.json', 'tsconfig.json']) {
      await cp(join(root, path), join(out, path), { recursive: true });
    }
    await symlink(join(root, 'node_modules'), join(out, 'node_modules'), 'junction');
    await run(execPath, [join(root, '.ci/protocol.mjs'), '--schemas', out, '--out', out]);
  });

  afterAll(() => rm(out, { recursive: true }));

  test('is in the types, and the library compiles with them as it is', async () => {
    const use = join(out, 'lib/use.ts');
    await writeFile(
      use,
      `import type * as Protocol from './protocol/index.js';
       export const mood: Protocol.NotificationParams['thread/mood/changed']['mood'] = 'bright';
       export const ids: Protocol.NotificationIds['thread/mood/changed'] = 'threadId';
       export const both: Protocol.ServerRequestIds['item/mood/ask'] = 'turnId';
       export const answer: Protocol.ServerRequestAnswers['item/mood/ask'] = { mood: 'dark' };
       export const item: Protocol.Incoming.DreamThreadItem['type'] = 'dream';
       export const params: Protocol.ClientRequestParams['thread/mood/read'] = { threadId: 't' };
       export const result: Protocol.ClientRequestResults['thread/mood/read'] = { mood: 'dark' };
       // @ts-expect-error: there is none.
       export const other: Protocol.NotificationParams['thread/mood/lost'] = {};`,
    );
    const config = join(out, 'tsconfig.json');
    const { options } = ts.parseJsonConfigFileContent(
      ts.readConfigFile(config, (path) => ts.sys.readFile(path)).config,
      ts.sys,
      out,
      { noEmit: true, skipLibCheck: true },
    );
    const roots = ['lib/index.ts', 'lib/testing/builders/turn.ts'];
    const program = ts.createProgram([use, ...roots.map((path) => join(out, path))], options);
    const messages = ts
      .getPreEmitDiagnostics(program)
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
    expect(messages).toEqual([]);
  });

  test('is known to drift, and so are its types', async () => {
    const { outputFiles } = await build({
      entryPoints: [join(out, 'lib/app-server/drift.ts')],
      ...{ bundle: true, format: 'esm', platform: 'node', write: false },
    });
    const file = join(out, 'drift.mjs');
    await writeFile(file, (outputFiles[0] as { text: string }).text);
    const drifting = (await import(file)) as { createDriftReport: typeof createDriftReport };
    const drift = drifting.createDriftReport(true);
    await new Promise((resolve) => drift.loaded$.subscribe(resolve));
    const observe = (method: string, params: object, signalType = 'notification') => {
      drift.observe({ method, params, signalType } as never);
    };
    observe('thread/mood/changed', { threadId: 't', mood: 'bright' });
    observe('item/mood/ask', { threadId: 't', turnId: 'u' }, 'request');
    expect(drift.read().summary).toBe('');
    observe('thread/mood/changed', { mood: 'grey' });
    drift.observeResult('thread/mood/read', { mood: 5 });
    expect(drift.read()).toMatchObject({
      notifications: {},
      variants: { 'Mood: grey': 1 },
      missing: { 'ThreadMoodChangedNotification.threadId': 1 },
      changed: { 'Mood: number': 1 },
    });
  });

  test('is in the documentation', async () => {
    const events = (await generated('docs/events.md')).replaceAll(/ +/g, ' ');
    const type = 'app_server.thread.mood.changed';
    expect(events).toContain(
      `| \`thread/mood/changed\` | \`${type}\` | threadId | \`ThreadMoodChangedNotification\` |`,
    );
    expect(events).toContain('| threadId, turnId | `MoodAskParams` |');
    const calls = (await generated('docs/calls.md')).replaceAll(/ +/g, ' ');
    expect(calls).toContain(
      '| `thread/mood/read` | `ThreadMoodReadParams` | `ThreadMoodReadResponse` |',
    );
  });

  test('has params in the test kit', async () => {
    const defaults = await generated('lib/testing/builders/defaults/generated.ts');
    expect(defaults).toContain("'thread/mood/changed': { mood: 'bright', threadId: 'thread-1' }");
    expect(defaults).toContain("'item/mood/ask': { threadId: 'thread-1', turnId: 'turn-1' }");
  });
});
