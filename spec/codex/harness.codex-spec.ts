import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { connectBare, spawnBare, type BareClient } from '../support/bare-client.js';
import { readClientSchema, type ClientSchema } from '../support/client-schema.js';
import { codexCommand, startCodex, type CodexServer } from '../support/codex-server.js';
import {
  addFile,
  askInDefaultMode,
  callTool,
  cutConnection,
  execCommand,
  gate,
  httpError,
  requestUserInput,
  responseFailed,
  startScriptedModel,
  text,
  weather,
  words,
  type ScriptedModel,
} from '../support/scripted-model.js';

let model: ScriptedModel;
let codex: CodexServer;
let schema: ClientSchema;

beforeAll(async () => {
  model = await startScriptedModel();
  codex = await startCodex({ model, listen: 'ws', config: askInDefaultMode });
  schema = await readClientSchema();
});

afterAll(async () => {
  await codex.close();
  await model.close();
});

/** Starts a turn on a thread of its own, on a connection of its own. */
async function begin(prompt: string, threadParams: object = {}) {
  const client = await connectBare(codex.url);
  const threadId = await client.startThread({ cwd: codex.cwd, ...threadParams });
  const turnId = await client.startTurn(threadId, prompt);
  return { client, threadId, turnId };
}

/** Waits for the end of the turn, hangs up, and resolves with what the turn ended with. */
async function ended(client: BareClient) {
  const { turn } = await client.notification('turn/completed');
  await client.close();
  expect(schema.validateConversation(client.conversation)).toEqual([]);
  return turn;
}

const deltas = (client: BareClient) =>
  client.conversation
    .filter(({ frame }) => frame.method === 'item/agentMessage/delta')
    .map(({ frame }) => (frame.params as { delta: string }).delta);

describe('the scripted model makes the real codex', () => {
  test('stream a message, delta by delta', async () => {
    model.script('plain', [text('word0 ', 'word1 ')]);
    const { client } = await begin('plain');
    expect(await ended(client)).toMatchObject({ status: 'completed' });
    expect(deltas(client)).toEqual(['word0 ', 'word1 ']);
  });

  test('ask for the approval of a command', async () => {
    const steps = [[text('Wait. '), execCommand('touch approved', 'to touch')], text('Touched.')];
    model.script('command', steps);
    const { client } = await begin('command');
    const { id, params } = await client.serverRequest('item/commandExecution/requestApproval');
    expect(params).toMatchObject({ reason: 'to touch' });
    client.answer(id, { decision: 'accept' });
    expect(await ended(client)).toMatchObject({ status: 'completed' });
    expect(deltas(client)).toEqual(['Wait. ', 'Touched.']);
    expect(existsSync(join(codex.cwd, 'approved'))).toBe(true);
  });

  test('run a command in the sandbox, unasked', async () => {
    model.script('unasked', [execCommand('echo from the sandbox')]);
    const { client } = await begin('unasked');
    expect(await ended(client)).toMatchObject({ status: 'completed' });
    expect(deltas(client)).toEqual(['Done.']);
    expect(model.requests.at(-1)?.toolOutputs).toEqual([
      expect.stringContaining('from the sandbox'),
    ]);
  });

  test('ask for the approval of a patch', async () => {
    model.script('patch', [addFile('new.txt', 'one', 'two')]);
    const { client } = await begin('patch');
    const { id } = await client.serverRequest('item/fileChange/requestApproval');
    client.answer(id, { decision: 'accept' });
    expect(await ended(client)).toMatchObject({ status: 'completed' });
    expect(existsSync(join(codex.cwd, 'new.txt'))).toBe(true);
  });

  test('call a dynamic tool', async () => {
    model.script('weather', [callTool('get_weather', { city: 'Paris' })]);
    const { client } = await begin('weather', { dynamicTools: [weather] });
    const { id, params } = await client.serverRequest('item/tool/call');
    expect(params).toMatchObject({ tool: 'get_weather', arguments: { city: 'Paris' } });
    client.answer(id, { contentItems: [{ type: 'inputText', text: 'sunny' }], success: true });
    expect(await ended(client)).toMatchObject({ status: 'completed' });
    expect(model.requests.at(-1)?.toolOutputs).toEqual(['sunny']);
    expect(model.requests.at(-1)?.tools).toContain('get_weather');
  });

  test('ask the user', async () => {
    const options = ['Red', 'Blue'].map((label) => ({ label, description: label }));
    const question = { id: 'color', header: 'Color', question: 'Which color?', options };
    model.script('ask', [requestUserInput(question)]);
    const { client } = await begin('ask');
    const { id, params } = await client.serverRequest('item/tool/requestUserInput');
    expect(params.questions).toMatchObject([{ id: 'color', question: 'Which color?' }]);
    client.answer(id, { answers: { color: { answers: ['Blue'] } } });
    expect(await ended(client)).toMatchObject({ status: 'completed' });
    expect(model.requests.at(-1)?.toolOutputs[0]).toContain('Blue');
  });

  test('hang until a gate opens', async () => {
    const hanging = gate();
    model.script('gate', [text('so far ', hanging, 'so good')]);
    const { client } = await begin('gate');
    await hanging.reached;
    await client.notification('item/agentMessage/delta');
    hanging.release();
    expect(await ended(client)).toMatchObject({ status: 'completed' });
    expect(deltas(client)).toEqual(['so far ', 'so good']);
  });

  test('hang until the turn is interrupted', async () => {
    const hanging = gate();
    model.script('hang', [text('so far ', hanging)]);
    const { client, threadId, turnId } = await begin('hang');
    await hanging.reached;
    await client.request('turn/interrupt', { threadId, turnId });
    expect(await ended(client)).toMatchObject({ status: 'interrupted' });
  });

  test.each([
    ['HTTP 500', httpError(500), 'internalServerError'],
    ['HTTP 400', httpError(400), 'other'],
    ['HTTP 401', httpError(401), { httpConnectionFailed: { httpStatusCode: 401 } }],
    ['HTTP 429', httpError(429), { responseTooManyFailedAttempts: { httpStatusCode: 429 } }],
    ['a failed response', responseFailed(), 'other'],
    ['a cut connection', cutConnection(), 'other'],
    ['a connection cut in mid-message', [text('half'), cutConnection()], 'other'],
  ])('fail a turn with %s', async (prompt, answer, codexErrorInfo) => {
    model.script(prompt, [answer]);
    const { client } = await begin(prompt);
    expect(await ended(client)).toMatchObject({ status: 'failed', error: { codexErrorInfo } });
  });

  test('fail a turn that nobody scripted, and say so', async () => {
    const { client } = await begin('surprise');
    const { error } = await ended(client);
    expect(error?.message).toMatch(/No answer to .*surprise.* is scripted/);
  });

  test('stream at a pace', async () => {
    model.script('slowly', [words(5, { paceMs: 20 })]);
    const started = performance.now();
    const { client } = await begin('slowly');
    await ended(client);
    expect(deltas(client)).toHaveLength(5);
    expect(performance.now() - started).toBeGreaterThan(100);
  });

  test('stream 20,000 deltas as fast as it can', async () => {
    model.script('flood', [words(20_000)]);
    const { client } = await begin('flood');
    await client.notification('turn/completed');
    await client.close();
    expect(deltas(client)).toHaveLength(20_000);
  });
});

describe('a real codex', () => {
  test('speaks over stdio', async () => {
    model.script('stdio', [text('hello')]);
    await using command = await codexCommand({ model });
    await using client = await spawnBare(command);
    await client.startTurn(await client.startThread({ cwd: command.cwd }), 'stdio');
    expect(await client.notification('turn/completed')).toMatchObject({
      turn: { status: 'completed' },
    });
    expect(schema.validateConversation(client.conversation)).toEqual([]);
  });

  test('speaks over a unix socket, and again after it was killed', async () => {
    await using server = await startCodex({ model, listen: 'unix' });
    await (await connectBare(server.url)).close();
    await server.kill();
    await server.start();
    await (await connectBare(server.url)).close();
  });

  test('comes back at the same url with the same threads', async () => {
    model.script('before', [text('hello')]);
    await using server = await startCodex({ model, listen: 'ws' });
    const { url } = server;
    const first = await connectBare(url);
    const threadId = await first.startThread({ cwd: server.cwd });
    await first.startTurn(threadId, 'before');
    await first.notification('turn/completed');
    await server.kill();
    expect(server.running).toBe(false);
    await server.start();
    expect(server.url).toBe(url);
    await using second = await connectBare(url);
    expect(await second.request('thread/resume', { threadId, excludeTurns: true })).toMatchObject({
      thread: { id: threadId },
    });
  });

  test('is killed when it does not stop in time, and leaves nothing behind', async () => {
    const hanging = gate();
    model.script('draining', [hanging]);
    const server = await startCodex({ model, listen: 'ws' });
    const client = await connectBare(server.url);
    await client.startTurn(await client.startThread({ cwd: server.cwd }), 'draining');
    await hanging.reached;
    await server.stop(200);
    expect(() => process.kill(server.pid, 0)).toThrow('ESRCH');
    await server.close();
    expect(existsSync(dirname(server.home))).toBe(false);
    await client.close();
  });

  test('that does not start says why', async () => {
    await expect(
      startCodex({ model, listen: 'ws', config: { approval_policy: 'untrusted' } }),
    ).rejects.toThrow(/ended with 1.*no longer supported/s);
  });
});
