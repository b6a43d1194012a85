import { expect, test } from '@jest/globals';
import { connectManager } from 'codex-rx';
import { startFakeManager } from 'codex-rx/testing';

test('smoke', async () => {
  const server = await startFakeManager({
    async turn(turn) {
      turn.say('I will look.');
      const answer = await turn.request('item/commandExecution/requestApproval', {
        itemId: 'i',
        command: 'ls',
      });
      turn.say(JSON.stringify(answer));
    },
  });
  const stream = connectManager({ url: server.url });
  stream.requests.serve('item/commandExecution/requestApproval', () => ({ decision: 'accept' }));
  const types: string[] = [];
  stream.events$.subscribe((e) => types.push(e.type));
  await stream.connect();
  const post = async (path: string, body: unknown) => {
    const r = await fetch(server.url + path, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    });
    return [r.status, await r.json()] as [number, any];
  };
  const [, made] = await post('/api/sessions', {});
  const id = made.session.sessionId;
  console.log(JSON.stringify(made), await post(`/api/sessions/${id}/messages`, { text: 'hello' }));
  await new Promise((r) => setTimeout(r, 300));
  console.log(types.join('\n'));
  console.log(
    JSON.stringify(await (await fetch(`${server.url}/api/sessions/${id}`)).json(), null, 1),
  );
  await stream.close();
  await server.close();
  expect(1).toBe(1);
});
