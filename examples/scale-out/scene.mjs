// An agent that says numbers in some threads and calls tools, publishers, workers, and what may happen to them.

import { startFakeManager } from 'codex-rx/testing';
import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import { audit } from './audit.mjs';
import { startNatsServer } from './nats-server.mjs';
import { createProcesses } from './processes.mjs';

export const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** @param options `workers`, `threads`, `env` of the processes, `prepare` once the stream is there. */
export async function startScene({
  workers = 3,
  threads = 6,
  env = {},
  prepare = () => undefined,
} = {}) {
  const nats = await startNatsServer();
  const manager = await startFakeManager();
  const journal = join(nats.folder, 'journal');
  writeFileSync(journal, '');
  const processes = createProcesses({
    NATS_URL: nats.url,
    MANAGER_URL: manager.url,
    JOURNAL: journal,
    ...env,
  });
  const ids = Array.from({ length: threads }, () => manager.session());
  const sent = new Map(ids.map((id) => [id, 0]));
  const asked = [];
  const answered = new Map();
  let isTalking = true;
  for (const id of ids) manager.startTurn(id);

  async function talk() {
    for (let n = 0; isTalking; n++) {
      const id = ids[n % ids.length];
      manager.notify(id, 'item/agentMessage/delta', { itemId: 'i', delta: String(sent.get(id)) });
      sent.set(id, sent.get(id) + 1);
      if (n % 100 === 99) call(id);
      if (n % 2 === 0) await wait(12);
    }
  }

  function call(threadId) {
    const callId = `call-${asked.length}`;
    asked.push(callId);
    const params = { callId, tool: 'work', namespace: null, arguments: {} };
    void manager.request(threadId, 'item/tool/call', params).then(() => {
      answered.set(callId, (answered.get(callId) ?? 0) + 1);
    });
  }

  const isThere = (role, count) =>
    processes.all(role).filter(({ isReady }) => isReady).length === count;
  const until = async (done, ms) => {
    const end = Date.now() + ms;
    while (!done() && Date.now() < end) await wait(50);
    return done();
  };

  processes.start('publisher');
  await until(() => processes.leader() !== undefined, 15_000);
  processes.start('publisher');
  await until(() => isThere('publisher', 2), 15_000);
  await prepare(nats);
  for (let n = 0; n < workers; n++) processes.start('worker');
  await until(() => isThere('worker', workers), 15_000);

  const result = () => audit(journal, sent, asked, (id) => answered.get(id) ?? 0);
  return {
    nats,
    processes,
    talk,
    result,
    /** Resolves when one publisher leads, and the other has heard enough to take over. */
    async hasStandby() {
      const roles = () =>
        processes
          .all('publisher')
          .map(({ status }) => status?.role)
          .sort()
          .join();
      await until(() => roles() === 'leader,standby', 20_000);
      await wait(1_500);
    },
    /** Stops the agent, and waits until the workers have done all that can still come. */
    async settle() {
      isTalking = false;
      const isDone = () => result().lost === 0 && result().unanswered === 0;
      // As long as something comes: a busy machine takes its time, and a worker asks again about a call that the
      // publisher does not know after 15 s at the latest.
      for (let before = -1; before !== result().events;) {
        before = result().events;
        if (await until(isDone, 20_000)) return;
      }
    },
    async end() {
      isTalking = false;
      await processes.end();
      await manager.close();
      await nats.close();
    },
  };
}
