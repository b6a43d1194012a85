// A morning with five agents, played by a fake codex-manager: one asks, one stalls, one fails, one writes, one is done.

import { startFakeManager } from 'codex-rx/testing';
import { setTimeout as sleep } from 'node:timers/promises';

const prose = `## What I found

The build breaks in \`lib/socket\`, and **only there**. [The log](https://example.org/log) says why:

1. The port is taken by another process.
2. The test waits for it, and gives up after 30 s.

\`\`\`
EADDRINUSE: address already in use 127.0.0.1:4500
\`\`\`
`;

/** @param pace How long a piece of text takes, in ms. */
export async function startMorning(pace = 20) {
  const server = await startFakeManager();
  const named = async (title) => {
    const id = server.session({ cwd: `/workspace/${title}` });
    await fetch(new URL(`/api/sessions/${id}/rename`, server.url), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ title }),
    });
    return id;
  };
  const [build, api, docs, lint, deploy] = await Promise.all(
    ['build-fix', 'api-tests', 'docs', 'lint', 'deploy'].map(named),
  );
  return {
    server,
    threads: { build, api, docs, lint, deploy },
    /** Plays until all has happened but what a human has to answer. */
    async play() {
      const done = server.startTurn(lint, 'Run the linter.');
      command(done, 'npm run lint', 0, '\u001b[32mok\u001b[0m  412 files\n');
      done.say('No problems.');
      done.complete();

      const failed = server.startTurn(deploy, 'Deploy it.');
      command(failed, './deploy.sh', 1, '\u001b[31mpermission denied\u001b[0m\n');
      failed.fail('The model is overloaded.', 'serverOverloaded');

      const writing = server.startTurn(api, 'Why do the tests fail?');
      await write(writing, prose, pace);

      server.startTurn(docs, 'Write the docs.').say('Let me think.');

      const asking = server.startTurn(build, 'Clean the build.');
      await write(asking, 'I will remove the old output first.', pace);
      return asking;
    },
    /** The turn of the agent that asks. */
    ask(turn, what = 'rm -rf dist && npm run build') {
      return turn.request('item/commandExecution/requestApproval', {
        itemId: 'command-1',
        command: what,
        cwd: '/workspace/build-fix',
        reason: 'The old output is stale.',
      });
    },
  };
}

async function write(turn, text, pace) {
  const id = `${turn.turnId}-message`;
  const item = { type: 'agentMessage', id, phase: null };
  turn.notify('item/started', { item: { ...item, text: '' } });
  for (const delta of text.match(/\s*\S+|\s+$/g)) {
    turn.notify('item/agentMessage/delta', { itemId: id, delta });
    await sleep(pace);
  }
  turn.notify('item/completed', { item: { ...item, text } });
}

function command(turn, line, exitCode, output) {
  const id = `${turn.turnId}-command`;
  const item = {
    type: 'commandExecution',
    id,
    command: line,
    cwd: '/workspace',
    commandActions: [],
  };
  turn.notify('item/started', { item: { ...item, status: 'inProgress' } });
  turn.notify('item/commandExecution/outputDelta', { itemId: id, delta: output });
  turn.notify('item/completed', {
    item: {
      ...item,
      status: exitCode === 0 ? 'completed' : 'failed',
      exitCode,
      durationMs: 1_200,
      aggregatedOutput: output,
    },
  });
}
