import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { startFakeAppServer, startFakeManager } from 'codex-rx/testing';
import { buildService, startService, type Begun, type Service } from '../support/service.js';

let program = '';
const closables: { close(): Promise<unknown> }[] = [];

beforeAll(async () => {
  program = await buildService();
});

afterEach(async () => {
  for (const closable of closables.splice(0).reverse()) await closable.close();
});

function start(begun: Begun): Service {
  const service = startService(program, begun);
  closables.push(service);
  return service;
}

const byThread = (asked: Service['asked']) => asked.map((one) => JSON.stringify(one)).sort();

describe.each([
  ['codex-manager', 'manager', startFakeManager],
  ['codex app-server', 'app-server', startFakeAppServer],
] as const)('a service of %s that is killed and started again', (_, source, startServer) => {
  test('answers what was pending, and what was asked while there was none', async () => {
    const server = await startServer();
    closables.push(server);
    const { url } = server;
    const prompts = ['one', 'two'];
    const first = start({ url, source, sessions: { prompts, cwd: '/' }, holds: true });
    await first.begun(2);
    const [one, two] = first.sessions as [string, string];

    const approve = (threadId: string, itemId: string) =>
      server.request(threadId, 'item/commandExecution/requestApproval', {
        itemId,
        command: 'ls',
        startedAtMs: 0,
      });
    const call = (threadId: string, callId: string) =>
      server.request(threadId, 'item/tool/call', { callId, tool: 'book', arguments: {} });
    const pending = [approve(one, 'item-1'), call(one, 'call-1'), call(two, 'call-2')];
    await first.wasAsked(pending.length);
    await first.close();
    pending.push(approve(two, 'item-2'), call(two, 'call-3'));

    const second = start({ url, source, sessions: { threads: [one, two] }, holds: false });
    const answers = (await Promise.all(pending)).map((answer) =>
      'result' in answer ? answer.result : answer,
    );
    const booked = { success: true, contentItems: [{ type: 'inputText', text: 'booked' }] };
    const accepted = { decision: 'accept' };
    expect(answers).toMatchObject([accepted, booked, booked, accepted, booked]);
    // What it prints may come later than what it answers.
    await second.wasAsked(answers.length);
    expect(byThread(second.asked)).toEqual(
      byThread([
        { asked: 'approval', threadId: one },
        { asked: 'skill', threadId: one },
        { asked: 'skill', threadId: two },
        { asked: 'approval', threadId: two },
        { asked: 'skill', threadId: two },
      ]),
    );
  });
});
