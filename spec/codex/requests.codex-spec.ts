import { describe, expect, test } from '@jest/globals';
import { ofAppServerRequest } from 'codex-rx';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { firstValueFrom } from 'rxjs';
import { codexSpecs, type Transport } from '../support/codex-stream.js';
import { answersSent, nextRequest, startThread, startTurn } from '../support/codex-turn.js';
import { callTool, execCommand, text, weather } from '../support/scripted-model.js';
import { until } from '../support/until.js';
import { answerRequest, refuseRequest, unanswered } from '../support/open-requests.js';

const { start } = codexSpecs();

const approval = 'item/commandExecution/requestApproval';

/** A codex that asks for the approval of a command, and a stream that was asked. */
async function askedForApproval(transport: Transport, options = {}) {
  const codex = await start(transport);
  codex.model.script('run', [execCommand('echo ran >> ran', 'because'), text('Done.')]);
  const stream = codex.stream(options);
  await stream.connect();
  const asked = nextRequest(stream, approval);
  const threadId = await startThread(stream, { cwd: codex.cwd });
  const { ended } = await startTurn(stream, threadId, 'run');
  return { codex, stream, threadId, ended, request: await asked };
}

describe.each(['websocket', 'stdio'] as const)('over %s, a request of codex', (transport) => {
  test('shows that it waits, and for how long', async () => {
    const { stream, ended, request } = await askedForApproval(transport, { overdueAfter: 50 });
    const [open] = unanswered(stream);
    expect(open?.request).toBe(request);
    const late = await firstValueFrom(stream.requests.overdue$);
    expect(late.event).toBe(request);
    answerRequest(stream, request, { decision: 'accept' });
    expect(unanswered(stream)).toEqual([]);
    expect(await ended).toMatchObject({ status: 'completed' });
  });

  test('is refused with an error of JSON-RPC', async () => {
    const { codex, stream, ended, request } = await askedForApproval(transport);
    expect(refuseRequest(stream, request, 'not here', -32000)).toBe(true);
    expect(answerRequest(stream, request, { decision: 'accept' })).toBe(false);
    expect(await ended).toMatchObject({ status: 'completed' });
    expect(answersSent(stream)).toEqual([
      { id: request.requestId, error: { code: -32000, message: 'not here' } },
    ]);
    expect(existsSync(join(codex.cwd, 'ran'))).toBe(false);
  });

  test('is refused by itself if no route takes it, where that is the policy', async () => {
    const codex = await start(transport);
    codex.model.script('weather', [callTool('get_weather', {}), text('No matter.')]);
    const stream = codex.stream({ unhandledRequests: 'refuse' });
    stream.on(ofAppServerRequest(approval), (request) =>
      answerRequest(stream, request, { decision: 'accept' }),
    );
    await stream.connect();
    const asked = nextRequest(stream, 'item/tool/call');
    const params = { cwd: codex.cwd, dynamicTools: [weather] };
    const { ended } = await startTurn(stream, await startThread(stream, params), 'weather');
    const { requestId } = await asked;
    expect(await ended).toMatchObject({ status: 'completed' });
    expect(answersSent(stream)).toEqual([
      { id: requestId, error: { code: -32601, message: 'Nothing handles item/tool/call.' } },
    ]);
    expect(codex.model.requests.at(-1)?.toolOutputs).toEqual(['dynamic tool request failed']);
  });
});

describe('of several clients', () => {
  test('one answers, and the request is settled for all', async () => {
    const { codex, stream, threadId, ended, request } = await askedForApproval('websocket');
    const other = codex.stream();
    await other.connect();
    const askedToo = nextRequest(other, approval);
    await other.call('thread/resume', { threadId, excludeTurns: true });
    const same = await askedToo;
    expect(same.requestId).toBe(request.requestId);
    expect(answerRequest(other, same, { decision: 'accept' })).toBe(true);
    await until(() => unanswered(stream).length === 0);
    expect(answerRequest(stream, request, { decision: 'decline' })).toBe(false);
    expect(await ended).toMatchObject({ status: 'completed' });
    expect(answersSent(stream)).toEqual([]);
    expect(readFileSync(join(codex.cwd, 'ran'), 'utf8')).toBe('ran\n');
  });

  test('one answers a tool call, and that is settled for all', async () => {
    const codex = await start('websocket');
    codex.model.script('weather', [callTool('get_weather', {}), text('Nice.')]);
    const [stream, other] = [codex.stream(), codex.stream()];
    await Promise.all([stream.connect(), other.connect()]);
    const asked = nextRequest(stream, 'item/tool/call');
    const askedToo = nextRequest(other, 'item/tool/call');
    const threadId = await startThread(stream, { cwd: codex.cwd, dynamicTools: [weather] });
    const { ended } = await startTurn(stream, threadId, 'weather');
    const request = await asked;
    await other.call('thread/resume', { threadId, excludeTurns: true });
    const answer = {
      contentItems: [{ type: 'inputText', text: 'sunny' } as const],
      success: true,
    };
    expect(answerRequest(other, await askedToo, answer)).toBe(true);
    await until(() => unanswered(stream).length === 0);
    expect(answerRequest(stream, request, answer)).toBe(false);
    expect(await ended).toMatchObject({ status: 'completed' });
    expect(codex.model.requests.at(-1)?.toolOutputs).toEqual(['sunny']);
  });

  test('each hears of the turn of a thread that it resumed', async () => {
    const codex = await start('websocket');
    codex.model.script('first', [text('one')]);
    codex.model.script('second', [text('two')]);
    const [stream, other] = [codex.stream(), codex.stream()];
    await Promise.all([stream.connect(), other.connect()]);
    const threadId = await startThread(stream, { cwd: codex.cwd });
    await (
      await startTurn(stream, threadId, 'first')
    ).ended;
    await other.call('thread/resume', { threadId, excludeTurns: true });
    const { turnId, ended } = await startTurn(other, threadId, 'second');
    expect(await ended).toMatchObject({ id: turnId, status: 'completed' });
    expect(stream.metrics().dispatched).toBeGreaterThan(other.metrics().dispatched);
  });
});
