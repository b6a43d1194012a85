import { test } from '@jest/globals';
import assert from 'node:assert/strict';
import { accept, connectManager, ofAppServer } from 'codex-rx';
import { startFakeManager } from 'codex-rx/testing';
import { firstValueFrom } from 'rxjs';

test('a command is approved, and the turn goes on', async () => {
  const server = await startFakeManager({
    async turn(turn) {
      const asked = { itemId: 'item-1', command: 'ls', startedAtMs: 0 };
      const answer = await turn.request('item/commandExecution/requestApproval', asked);
      turn.say(JSON.stringify(answer));
    },
  });
  const stream = connectManager({ url: server.url });
  try {
    stream.requests.serve('item/commandExecution/requestApproval', accept);
    const said = firstValueFrom(stream.events$.pipe(ofAppServer('item/agentMessage/delta')));
    await stream.connect();
    const threadId = server.session();
    await stream.rest(`/api/sessions/${threadId}/messages`, { text: 'What is here?' });
    assert.equal((await said).payload.params.delta, '{"result":{"decision":"accept"}}');
  } finally {
    await stream.close();
    await server.close();
  }
});
