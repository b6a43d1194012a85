import { describe, expect, test } from '@jest/globals';
import { forThread, ofAppServer, ofAppServerRequest } from 'codex-rx';
import { deltaNotifications } from 'codex-rx/node';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { env } from 'node:process';
import { firstValueFrom } from 'rxjs';
import { codexSpecs, type TestStream } from '../support/codex-stream.js';
import {
  answersSent,
  collectDeltas,
  nextRequest,
  runTurn,
  startThread,
  startTurn,
} from '../support/codex-turn.js';
import {
  addFile,
  askInDefaultMode,
  callTool,
  cutConnection,
  execCommand,
  gate,
  httpError,
  requestUserInput,
  text,
  weather,
} from '../support/scripted-model.js';
import { until } from '../support/until.js';
import { answerRequest, unanswered } from '../support/open-requests.js';

const { start } = codexSpecs();

const approval = 'item/commandExecution/requestApproval';

/** What became of the items of a kind. */
function collectItems(stream: TestStream, type: string): unknown[] {
  const statuses: unknown[] = [];
  stream.on(ofAppServer('item/completed'), ({ payload }) => {
    const { item } = payload.params;
    if (item.type === type) statuses.push('status' in item ? item.status : item);
  });
  return statuses;
}

describe.each(['websocket', 'unix socket', 'stdio'] as const)('over %s, a turn', (transport) => {
  test('streams an answer, delta by delta', async () => {
    const codex = await start(transport);
    codex.model.script('plain', [text('Hello, ', 'world.')]);
    const name = '@acme/bot';
    const stream = codex.stream({ client: { name } });
    const deltas = collectDeltas(stream);
    await stream.connect();
    expect(await runTurn(stream, 'plain', { cwd: codex.cwd })).toMatchObject({
      status: 'completed',
    });
    expect(deltas).toEqual(['Hello, ', 'world.']);
    const version = env['CODEX_VERSION'] ?? '?';
    expect(stream.server).toMatchObject({ name: 'codex', version, support: 'tested' });
    expect(stream.server?.userAgent).toContain(`${name}/${version} `);
  });
});

describe.each(['websocket', 'stdio'] as const)('over %s, a turn', (transport) => {
  test('runs a command that is accepted, once', async () => {
    const codex = await start(transport);
    codex.model.script('run', [execCommand('echo it ran | tee -a ran', 'because'), text('Done.')]);
    const stream = codex.stream();
    const items = collectItems(stream, 'commandExecution');
    stream.on(ofAppServerRequest(approval), (request) => {
      expect(request.payload.params).toMatchObject({ reason: 'because' });
      expect(answerRequest(stream, request, { decision: 'accept' })).toBe(true);
      expect(answerRequest(stream, request, { decision: 'decline' })).toBe(false);
    });
    expect(await runTurn(stream, 'run', { cwd: codex.cwd })).toMatchObject({ status: 'completed' });
    expect(items).toEqual(['completed']);
    expect(readFileSync(join(codex.cwd, 'ran'), 'utf8')).toBe('it ran\n');
    expect(codex.model.requests.at(-1)?.toolOutputs).toEqual([expect.stringContaining('it ran')]);
    expect(answersSent(stream)).toHaveLength(1);
    expect(unanswered(stream)).toEqual([]);
  });

  test.each([
    ['goes on after a command that is declined', 'decline', 'completed'],
    ['ends with a command that is cancelled', 'cancel', 'interrupted'],
  ] as const)('%s', async (_, decision, status) => {
    const codex = await start(transport);
    codex.model.script('run', [execCommand('touch ran', 'because'), text('Well, no.')]);
    const stream = codex.stream();
    const items = collectItems(stream, 'commandExecution');
    stream.on(ofAppServerRequest(approval), (request) =>
      answerRequest(stream, request, { decision }),
    );
    expect(await runTurn(stream, 'run', { cwd: codex.cwd })).toMatchObject({ status });
    expect(items).toEqual(['declined']);
    expect(existsSync(join(codex.cwd, 'ran'))).toBe(false);
    expect(codex.model.requests).toHaveLength(decision === 'decline' ? 2 : 1);
    expect(unanswered(stream)).toEqual([]);
  });

  test('changes a file with approval', async () => {
    const codex = await start(transport);
    codex.model.script('patch', [addFile('new.txt', 'one', 'two'), text('Done.')]);
    const stream = codex.stream();
    const items = collectItems(stream, 'fileChange');
    stream.on(ofAppServerRequest('item/fileChange/requestApproval'), (request) =>
      answerRequest(stream, request, { decision: 'accept' }),
    );
    await runTurn(stream, 'patch', { cwd: codex.cwd });
    expect(items).toEqual(['completed']);
    expect(readFileSync(join(codex.cwd, 'new.txt'), 'utf8')).toBe('one\ntwo\n');
  });

  test('has a dynamic tool called', async () => {
    const codex = await start(transport);
    codex.model.script('weather', [callTool('get_weather', { city: 'Paris' }), text('Nice.')]);
    const stream = codex.stream();
    stream.on(ofAppServerRequest('item/tool/call'), (request) => {
      const { tool, arguments: asked } = request.payload.params;
      const answer = `${tool}(${JSON.stringify(asked)}): sunny`;
      answerRequest(stream, request, {
        contentItems: [{ type: 'inputText', text: answer }],
        success: true,
      });
    });
    await runTurn(stream, 'weather', { cwd: codex.cwd, dynamicTools: [weather] });
    expect(codex.model.requests.at(-1)?.toolOutputs).toEqual([
      'get_weather({"city":"Paris"}): sunny',
    ]);
    expect(unanswered(stream)).toEqual([]);
  });

  test('asks the user', async () => {
    const codex = await start(transport, { config: askInDefaultMode });
    const options = ['Red', 'Blue'].map((label) => ({ label, description: label }));
    const question = { id: 'color', header: 'Color', question: 'Which color?', options };
    codex.model.script('ask', [requestUserInput(question), text('Blue it is.')]);
    const stream = codex.stream();
    stream.on(ofAppServerRequest('item/tool/requestUserInput'), (request) => {
      const answers = request.payload.params.questions.map(
        ({ id, options }) => [id, { answers: [options?.[1]?.label ?? ''] }] as const,
      );
      answerRequest(stream, request, { answers: Object.fromEntries(answers) });
    });
    await runTurn(stream, 'ask', { cwd: codex.cwd });
    expect(codex.model.requests.at(-1)?.toolOutputs).toEqual([expect.stringContaining('Blue')]);
    expect(unanswered(stream)).toEqual([]);
  });

  test('is interrupted as it streams', async () => {
    const codex = await start(transport);
    const hanging = gate();
    codex.model.script('hang', [text('so far ', hanging, 'so good')]);
    const stream = codex.stream();
    const deltas = collectDeltas(stream);
    await stream.connect();
    const threadId = await startThread(stream, { cwd: codex.cwd });
    const { turnId, ended } = await startTurn(stream, threadId, 'hang');
    await until(() => deltas.length > 0);
    expect(await stream.call('turn/interrupt', { threadId, turnId })).toEqual({});
    expect(await ended).toMatchObject({ id: turnId, status: 'interrupted' });
    expect(deltas).toEqual(['so far ']);
  });

  test('is interrupted as it asks, and then nobody has to answer', async () => {
    const codex = await start(transport);
    codex.model.script('run', [execCommand('touch ran', 'because')]);
    const stream = codex.stream();
    await stream.connect();
    const asked = nextRequest(stream, approval);
    const threadId = await startThread(stream, { cwd: codex.cwd });
    const { turnId, ended } = await startTurn(stream, threadId, 'run');
    const request = await asked;
    expect(unanswered(stream)).toMatchObject([{ request }]);
    await stream.call('turn/interrupt', { threadId, turnId });
    expect(await ended).toMatchObject({ status: 'interrupted' });
    expect(unanswered(stream)).toEqual([]);
    expect(answerRequest(stream, request, { decision: 'accept' })).toBe(false);
    expect(answersSent(stream)).toEqual([]);
  });

  test('goes on beside that of another thread', async () => {
    const codex = await start(transport);
    const [first, second] = [gate(), gate()];
    codex.model.script('first', [text('a1 ', first, 'a2 ')]);
    codex.model.script('second', [text('b1 ', second, 'b2 ')]);
    const stream = codex.stream();
    await stream.connect();
    const threads = [
      await startThread(stream, { cwd: codex.cwd }),
      await startThread(stream, { cwd: codex.cwd }),
    ] as const;
    const seen: unknown[] = [];
    stream.on(
      forThread(...threads),
      ofAppServer('item/agentMessage/delta'),
      ({ threadId, payload }) => seen.push([threadId, payload.params.delta]),
    );
    const turns = [];
    turns.push(await startTurn(stream, threads[0], 'first'));
    await until(() => seen.length === 1);
    turns.push(await startTurn(stream, threads[1], 'second'));
    await until(() => seen.length === 2);
    first.release();
    await until(() => seen.length === 3);
    second.release();
    const ended = await Promise.all(turns.map((turn) => turn.ended));
    expect(ended.map(({ id }) => id)).toEqual(turns.map(({ turnId }) => turnId));
    expect(seen).toEqual([
      [threads[0], 'a1 '],
      [threads[1], 'b1 '],
      [threads[0], 'a2 '],
      [threads[1], 'b2 '],
    ]);
  });

  test.each([
    ['refuses', httpError(500), 'internalServerError'],
    ['breaks off', [text('half'), cutConnection()], 'other'],
  ])('fails when its model %s, and the next one does not', async (_, answer, codexErrorInfo) => {
    const codex = await start(transport);
    codex.model.script('fail', [answer]);
    codex.model.script('again', [text('Hello.')]);
    const stream = codex.stream();
    await stream.connect();
    const told = firstValueFrom(stream.events$.pipe(ofAppServer('error')));
    const threadId = await startThread(stream, { cwd: codex.cwd });
    const { ended } = await startTurn(stream, threadId, 'fail');
    expect(await ended).toMatchObject({ status: 'failed', error: { codexErrorInfo } });
    expect((await told).payload.params).toMatchObject({ threadId, error: { codexErrorInfo } });
    const again = await startTurn(stream, threadId, 'again');
    expect(await again.ended).toMatchObject({ status: 'completed' });
  });

  test('sends no deltas to who opts out of them, but the whole text', async () => {
    const codex = await start(transport);
    codex.model.script('plain', [text('Hello, ', 'world.')]);
    const stream = codex.stream({ optOut: deltaNotifications });
    const deltas = collectDeltas(stream);
    const texts: string[] = [];
    stream.on(ofAppServer('item/completed'), ({ payload: { params } }) => {
      if (params.item.type === 'agentMessage') texts.push(params.item.text);
    });
    await runTurn(stream, 'plain', { cwd: codex.cwd });
    expect(deltas).toEqual([]);
    expect(texts).toEqual(['Hello, world.']);
  });
});
