// The agent of the example: a fake codex-manager, whose model says the same in every turn.

import { startFakeManager } from 'codex-rx/testing';
import { setTimeout as sleep } from 'node:timers/promises';

const plan = 'I will look at what is there first, and then run the tests.';
const found = `The tests pass. Here is what I have looked at:

1. The list of files: nothing is missing.
2. The tests: each of them has run, and none has failed.

Is there anything else that you would like to know?`;

/** @param pace How long a word takes, in ms. */
export async function startAgent(pace = 30) {
  const agent = await startFakeManager({
    async turn(turn) {
      await stream(turn, 'plan', plan);
      const answer = await run(turn, 'npm test', 'It runs what package.json says.');
      if (answer.result?.decision?.startsWith('accept')) await stream(turn, 'found', found);
      else await stream(turn, 'declined', 'As you like: I leave the tests alone.');
    },
  });
  agent.session({ cwd: '/workspace/project' });

  async function stream(turn, name, text) {
    const id = `${turn.turnId}-${name}`;
    const item = { type: 'agentMessage', id, phase: null };
    turn.notify('item/started', { item: { ...item, text: '' } });
    for (const delta of text.match(/\s*\S+/g)) {
      turn.notify('item/agentMessage/delta', { itemId: id, delta });
      await sleep(pace, undefined, { signal: turn.signal });
    }
    turn.notify('item/completed', { item: { ...item, text } });
  }

  async function run(turn, command, reason) {
    const id = `${turn.turnId}-command`;
    const item = {
      type: 'commandExecution',
      id,
      command,
      cwd: '/workspace/project',
      commandActions: [],
    };
    turn.notify('item/started', { item: { ...item, status: 'inProgress' } });
    const answer = await turn.request('item/commandExecution/requestApproval', {
      itemId: id,
      command,
      cwd: item.cwd,
      reason,
    });
    const accepted = answer.result?.decision?.startsWith('accept') ?? false;
    const output = accepted ? 'PASS  42 tests in 1.2 s\n' : null;
    if (output) turn.notify('item/commandExecution/outputDelta', { itemId: id, delta: output });
    turn.notify('item/completed', {
      item: {
        ...item,
        status: accepted ? 'completed' : 'declined',
        exitCode: accepted ? 0 : null,
        durationMs: 1_200,
        aggregatedOutput: output,
      },
    });
    return answer;
  }

  return agent;
}
