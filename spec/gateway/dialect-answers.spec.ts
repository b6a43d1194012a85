import { expect, test } from '@jest/globals';
import { connectAppServer } from 'codex-rx/node';
import { startFakeAppServer } from 'codex-rx/testing';
import { filter, firstValueFrom } from 'rxjs';
import { bearer, closeLater, serve } from './stage.js';

const [command, change] = [
  'item/commandExecution/requestApproval',
  'item/fileChange/requestApproval',
];
const [tool, input] = ['item/tool/call', 'item/tool/requestUserInput'];
const called = { callId: 'c', tool: 'x', arguments: {} };
const question = { id: 'q', header: 'h', question: '?', options: null };
const asking = { itemId: 'i', questions: [question] };
const said = (text: string) => ({ type: 'inputText', text });
const answers = { q: { answers: ['yes'] } };

/** Codex asks once; the routes of codex-manager's dialect answer. */
async function asked(method: string, params: object) {
  const server = await startFakeAppServer();
  closeLater(() => server.close());
  const source = connectAppServer({ url: server.url });
  const { gateway, feed } = await serve(source);
  const { thread } = await source.call('thread/start', {});
  const result = server.request(thread.id, method, params);
  // A tool call is over when its item is.
  void result.then(() => {
    const item = { id: 'c', type: 'dynamicToolCall', status: 'completed' };
    server.notify(thread.id, 'item/completed', { item, turnId: 'u' });
  });
  await firstValueFrom(source.requests.pending$.pipe(filter(({ length }) => length === 1)));
  const [list, verb] =
    method === tool
      ? ['tool-calls', 'response']
      : [method === input ? 'tool-input' : 'approvals', 'decision'];
  const listed = await fetch(`${gateway.url}/api/sessions/${thread.id}/${list}`, {
    headers: bearer,
  });
  const { data } = (await listed.json()) as { data: Record<string, string>[] };
  const id = data[0]!['approvalId'] ?? data[0]!['requestId'];
  const post = (name: string, body: object) =>
    fetch(`${gateway.url}/api/${name}/${id}/${name === list ? verb : 'decision'}`, {
      method: 'POST',
      headers: { ...bearer, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  return { result, post, list: list, feed };
}

test.each<[string, string, object, object, object]>([
  ['accept', command, {}, { decision: 'accept' }, { decision: 'accept' }],
  [
    'accept for the session',
    command,
    {},
    { decision: 'accept', scope: 'session' },
    { decision: 'acceptForSession' },
  ],
  ['decline', change, {}, { decision: 'decline' }, { decision: 'decline' }],
  ['cancel', change, {}, { decision: 'cancel' }, { decision: 'cancel' }],
  ['a text', tool, called, { text: 'done' }, { success: true, contentItems: [said('done')] }],
  ['nothing', tool, called, { success: false }, { success: false, contentItems: [] }],
  [
    'items',
    tool,
    called,
    { contentItems: [said('a')] },
    { success: true, contentItems: [said('a')] },
  ],
  [
    'a raw response',
    tool,
    called,
    { response: { success: true, contentItems: [] } },
    { success: true, contentItems: [] },
  ],
  ['an answer', input, asking, { decision: 'accept', answers }, { answers }],
  ['no answer', input, asking, { decision: 'decline' }, { answers: {} }],
  ['a raw answer', input, asking, { response: { answers } }, { answers }],
])('%s to %s is what Codex gets', async (_, method, params, body, wanted) => {
  const { result, post, list } = await asked(method, { itemId: 'i', ...params });
  const reply = await post(list, body);
  expect([reply.status, await reply.json()]).toMatchObject([200, { status: 'ok' }]);
  expect(await result).toMatchObject({ result: wanted });
});

test.each<[string, string, object, object]>([
  ['a decision that is none', command, {}, { decision: 'perhaps' }],
  ['no decision', command, {}, {}],
  ['a decision about an input that is none', input, asking, { decision: 'perhaps' }],
  ['items that are none', tool, called, { contentItems: 1 }],
])('%s is refused, and may be corrected', async (_, method, params, body) => {
  const { post, list } = await asked(method, { itemId: 'i', ...params });
  expect((await post(list, body)).status).toBe(400);
  const right = method === tool ? {} : { decision: 'decline' };
  expect((await post(list, right)).status).toBe(200);
  expect((await post(list, right)).status).toBe(404);
});

test('a request is answered by the route of its list alone', async () => {
  const { post } = await asked(command, { itemId: 'i' });
  expect((await post('tool-input', { decision: 'accept' })).status).toBe(404);
  expect((await post('approvals', { decision: 'accept' })).status).toBe(200);
});
