import { describe, expect, test } from '@jest/globals';
import { publishTo } from 'codex-rx/nats';
import { startWorkers } from '../support/bridge.js';
import { codexSpecs } from '../support/codex-stream.js';
import { answersSent, startThread, startTurn } from '../support/codex-turn.js';
import { eventually } from '../support/eventually.js';
import { startNatsServer } from '../support/nats-server.js';
import { callTool, execCommand, weather, words } from '../support/scripted-model.js';

const { start, closing } = codexSpecs();

describe('over NATS, the real codex', () => {
  test('has its deltas handled in order by three workers, a skill and a command answered once each', async () => {
    const codex = await start('websocket');
    const server = closing(await startNatsServer());
    const source = codex.stream();
    const tenant = 'acme';
    const publisher = closing(
      publishTo(await server.connect(), source, { tenant, partitions: 4, log: false }),
    );
    await source.connect();
    await publisher.ready;

    codex.model.script('all', [
      callTool(weather.name, { city: 'Rome' }),
      execCommand('echo ran >> ran', 'because'),
      words(300),
    ]);
    const settings = { cwd: codex.cwd, approvalPolicy: 'on-request' } as const;
    const threadId = await startThread(source, { ...settings, dynamicTools: [weather] });
    const { journal, workers } = await startWorkers(server, tenant, threadId, 3);
    for (const worker of workers) closing(worker);
    const { ended } = await startTurn(source, threadId, 'all');
    expect((await ended).status).toBe('completed');
    await eventually(() => journal.ended === 1);

    const seqs = journal.deltas.map(({ seq }) => seq);
    expect(seqs).toEqual([...seqs].sort((a, b) => a - b));
    expect(new Set(seqs).size).toBe(seqs.length);
    expect(journal.deltas.map(({ text }) => text).join('')).toBe(journal.messages.join(''));
    expect(journal.deltas.length).toBeGreaterThan(100);
    expect(new Set(journal.deltas.map(({ worker }) => worker)).size).toBeGreaterThan(1);
    expect(journal.answered).toEqual([weather.name, 'item/commandExecution/requestApproval']);
    await eventually(() => journal.outcomes.length === 2);
    expect(journal.outcomes).toEqual(['answered', 'answered']);
    expect(answersSent(source)).toHaveLength(2);
    expect(codex.model.requests.at(-1)?.toolOutputs[0]).toBe('Sunny in Rome.');
  });
});
