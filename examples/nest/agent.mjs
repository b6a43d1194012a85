// The agent of the example: a fake codex-manager, whose model asks to run a command in every turn.

import { startFakeManager } from 'codex-rx/testing';

export async function startAgent() {
  const agent = await startFakeManager({
    async turn(turn) {
      const item = { type: 'commandExecution', id: `${turn.turnId}-command`, command: turn.text };
      const answer = await turn.request('item/commandExecution/requestApproval', {
        itemId: item.id,
        command: item.command,
        cwd: '/workspace',
      });
      turn.say(`I ran "${turn.text}": ${answer.result?.decision}.`);
    },
  });
  const threadId = agent.session({ cwd: '/workspace' });
  /** Starts a turn as a user of codex-manager does. */
  const ask = (text) =>
    fetch(`${agent.url}/api/sessions/${threadId}/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ text }),
    });
  return { agent, ask };
}
