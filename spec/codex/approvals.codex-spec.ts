import { describe, expect, test } from '@jest/globals';
import { type RequestHandler } from 'codex-rx';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { askedBy, openAskingThread } from '../support/asking-thread.js';
import { codexSpecs } from '../support/codex-stream.js';
import {
  addFile,
  callTool,
  execCommand,
  text,
  type AnswerFunction,
} from '../support/scripted-model.js';
import { accept, cancel, decline, grant } from '../support/answers.js';

const { shared } = codexSpecs();

const codex = shared('websocket');

const command = 'item/commandExecution/requestApproval';
const fileChange = 'item/fileChange/requestApproval';
const permissions = 'item/permissions/requestApproval';

/** Turns on a feature that codex says is under development. */
const withFeature = (name: string) => ({
  config: { [`features.${name}`]: true, suppress_unstable_features_warning: true },
});

const ran = expect.stringContaining('exited with code 0');
const rejected = expect.stringContaining('rejected by user');
const both = { status: 'completed', items: ['completed', 'completed'] };
const none = { status: 'completed', items: ['declined', 'declined'] };

const unsandboxed = { sandbox_permissions: 'require_escalated', justification: 'because' };
const withMore = {
  sandbox_permissions: 'with_additional_permissions',
  additional_permissions: { file_system: { write: ['.'] } },
};

describe.each<[string, object, object]>([
  ['that leaves the sandbox', unsandboxed, {}],
  ['with more permissions', withMore, withFeature('exec_permission_approvals')],
])('a command %s', (_, args, params) => {
  test.each<[string, RequestHandler<typeof command>, object]>([
    [
      'runs as often as it is accepted',
      () => accept(),
      { ...both, told: [ran, ran], asked: 2, file: 'ran\nran\n' },
    ],
    [
      'is declined, and the turn goes on',
      () => decline(),
      { ...none, told: [rejected, rejected], asked: 2, file: null },
    ],
    [
      'is cancelled, and its turn with it',
      () => cancel(),
      { status: 'interrupted', items: ['declined'], told: [], asked: 1, file: null },
    ],
  ])('%s', async (_, answer, expected) => {
    const thread = await askedBy(codex(), command, answer, params);
    const run = callTool('exec_command', { cmd: 'echo ran >> ran', ...args });
    const turn = await thread.run([run, run, text('Well.')]);
    const asked = thread.answered('user');
    expect({ ...turn, asked, file: thread.file('ran') }).toEqual(expected);
  });

  test('is not accepted for the session, which codex does not offer: nothing is sent', async () => {
    const thread = await openAskingThread(codex(), { params });
    const run = callTool('exec_command', { cmd: 'echo ran >> ran', ...args });
    const turn = thread.run([run, text('Well.')]);
    const request = await thread.asked();
    const { requests } = thread.stream;
    await expect(requests.answer(request, accept('session'))).rejects.toMatchObject({
      kind: 'unfit',
      message: expect.stringContaining('"acceptForSession" is not offered: there is accept'),
    });
    await thread.waits();
    await requests.answer(request, accept());
    expect(await turn).toMatchObject({ status: 'completed', items: ['completed'] });
    expect(thread.file('ran')).toBe('ran\n');
  });
});

test('a command runs again unasked, accepted with the rule that was proposed', async () => {
  const thread = await askedBy(codex(), command, ({ params }) => {
    const execpolicy_amendment = params.proposedExecpolicyAmendment ?? [];
    return { decision: { acceptWithExecpolicyAmendment: { execpolicy_amendment } } };
  });
  // The rule is one for all threads.
  const run = execCommand('echo ran >> allowed', 'because');
  expect(await thread.run([run, run, text('Well.')])).toEqual({ ...both, told: [ran, ran] });
  expect(thread.file('allowed')).toBe('ran\nran\n');
  expect(thread.answered('user')).toBe(1);
});

describe('input for a command that runs outside of the sandbox', () => {
  const inTerminal = { cmd: 'read it; echo $it >> ran', tty: true, yield_time_ms: 250 };

  /** Starts the command, and types a line once it is told which terminal that is. */
  const type: AnswerFunction = ({ step, toolOutputs: [started = ''] }) => {
    const session_id = Number(/session ID (\d+)/.exec(started)?.[1]);
    if (step === 0) return callTool('exec_command', { ...inTerminal, ...unsandboxed });
    return step === 1 ? callTool('write_stdin', { session_id, chars: 'ran\n' }) : text('Well.');
  };

  test.each<[string, RequestHandler<typeof command>, object]>([
    ['is accepted', () => accept(), { status: 'completed', told: ran, file: 'ran\n' }],
    ['is declined', () => decline(), { status: 'completed', told: rejected, file: null }],
    ['is cancelled', () => cancel(), { status: 'interrupted', told: undefined, file: null }],
  ])('%s', async (_, answer, expected) => {
    const thread = await askedBy(codex(), command, (request, context) =>
      request.params.kind === 'writeStdin' ? answer(request, context) : accept(),
    );
    const { status, told } = await thread.run(type);
    expect(thread.answered('user')).toBe(2);
    expect({ status, told: told[1], file: thread.file('ran') }).toEqual(expected);
  });
});

describe('a change of a file', () => {
  const made = expect.stringContaining('Success.');

  test.each<[string, RequestHandler<typeof fileChange>, object]>([
    [
      'is made as often as it is accepted',
      () => accept(),
      { ...both, told: [made, made], asked: 2, file: 'two\n' },
    ],
    [
      'is made again unasked, accepted for the session',
      () => accept('session'),
      { ...both, told: [made, made], asked: 1, file: 'two\n' },
    ],
    [
      'is declined, and the turn goes on',
      () => decline(),
      { ...none, told: [rejected, rejected], asked: 2, file: null },
    ],
    [
      'is cancelled, and its turn with it',
      () => cancel(),
      { status: 'interrupted', items: [], told: [], asked: 1, file: null },
    ],
  ])('%s', async (_, answer, expected) => {
    const files = new Set<string>();
    const thread = await askedBy(codex(), fileChange, (request, context) => {
      for (const path of request.paths ?? []) files.add(path);
      return answer(request, context);
    });
    const turn = await thread.run([addFile('new', 'one'), addFile('new', 'two'), text('Well.')]);
    const asked = thread.answered('user');
    expect({ ...turn, asked, file: thread.file('new') }).toEqual(expected);
    expect([...files]).toEqual([join(thread.cwd, 'new')]);
  });
});

describe('permissions to write in two folders, and to use the network,', () => {
  const asked = { network: { enabled: true }, file_system: { write: ['a', 'b'] } };
  const write = execCommand('echo ran | tee -a a/ran b/ran c/ran');

  test.each<[string, RequestHandler<typeof permissions>, object]>([
    [
      'are granted for the turn',
      ({ params }) => grant(params.permissions),
      { network: true, scope: 'turn', ran: ['ran\n', 'ran\n', null] },
    ],
    [
      'are granted for the session',
      ({ params }) => grant(params.permissions, 'session'),
      { network: true, scope: 'session', ran: ['ran\nran\n', 'ran\nran\n', null] },
    ],
    [
      'are granted in part',
      ({ params }) =>
        grant({ fileSystem: { write: params.permissions.fileSystem?.write?.slice(1) ?? null } }),
      { network: false, scope: 'turn', ran: [null, 'ran\n', null] },
    ],
    [
      'are granted, and no more than that',
      ({ params: { cwd } }) =>
        grant({ network: { enabled: true }, fileSystem: { write: [cwd, join(cwd, 'a')] } }),
      { network: true, scope: 'turn', ran: ['ran\n', null, null] },
    ],
    [
      'are not granted',
      () => grant({}, 'session'),
      { network: false, scope: 'session', ran: [null, null, null] },
    ],
  ])('%s', async (_, handler, expected) => {
    const feature = withFeature('request_permissions_tool');
    const thread = await askedBy(codex(), permissions, handler, feature);
    for (const name of ['a', 'b', 'c']) mkdirSync(join(thread.cwd, name));
    const ask = callTool('request_permissions', { reason: 'because', permissions: asked });
    const { status, told } = await thread.run([ask, write, text('Well.')]);
    expect(await thread.run([write, text('Well.')])).toMatchObject({ status: 'completed' });
    expect(thread.answered('user')).toBe(1);
    expect(status).toBe('completed');
    const granted = JSON.parse(told[0] ?? '') as {
      readonly permissions: { readonly network: { readonly enabled: boolean } | null };
      readonly scope: string;
    };
    expect({
      network: granted.permissions.network?.enabled ?? false,
      scope: granted.scope,
      ran: ['a/ran', 'b/ran', 'c/ran'].map(thread.file),
    }).toEqual(expected);
  });
});
