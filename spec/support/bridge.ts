import {
  accept,
  approvals,
  defineSkill,
  ofAppServer,
  remoteSkills,
  type CodexStream,
} from 'codex-rx';
import { consumeFrom, type WorkerStream } from 'codex-rx/nats';
import { z } from 'zod';
import type { NatsServer } from './nats-server.js';
import { weather } from './scripted-model.js';

/** What the workers of a group have done, all together. */
export interface Journal {
  /** Deltas with the sequence of each, in the order in which they were handled. */
  readonly deltas: { readonly seq: number; readonly text: string; readonly worker: number }[];
  /** What was answered: the name of a skill, or the method of an approval. */
  readonly answered: string[];
  /** The text of each message as `item/completed` has it. */
  readonly messages: string[];
  /** The outcomes of the requests that a worker has claimed. */
  readonly outcomes: string[];
  ended: number;
}

/** Some workers of a group that handle deltas, approvals and a skill of a thread. */
export async function startWorkers(
  server: NatsServer,
  tenant: string,
  threadId: string,
  count: number,
  mode: 'one' | 'leased' = 'one',
): Promise<{ readonly journal: Journal; readonly workers: readonly WorkerStream[] }> {
  const journal: Journal = { deltas: [], answered: [], messages: [], outcomes: [], ended: 0 };
  const workers: WorkerStream[] = [];
  for (let worker = 0; worker < count; worker++) {
    const nc = await server.connect();
    const options = { tenant, group: 'g', from: 'all', mode, log: false } as const;
    const stream = consumeFrom(nc, { ...options, reconnect: { base: 20, cap: 100 } });
    install(stream, threadId, worker, journal);
    await stream.connect();
    workers.push(stream);
  }
  return { journal, workers };
}

function install(stream: CodexStream, threadId: string, worker: number, journal: Journal): void {
  stream.on(ofAppServer('item/agentMessage/delta'), async ({ payload }, { seq = 0 }) => {
    // Long enough for another one to overtake it, if that could be.
    await new Promise((resolve) => setTimeout(resolve, 1));
    journal.deltas.push({ seq, text: payload.params.delta, worker });
  });
  stream.on(ofAppServer('item/completed'), ({ payload: { params } }) => {
    if (params.item.type === 'agentMessage') journal.messages.push(params.item.text);
  });
  stream.on(ofAppServer('turn/completed'), () => {
    journal.ended++;
  });
  stream.requests.serve(approvals, (request) => {
    journal.answered.push(request.method);
    return request.kind === 'commandExecution' ? accept(request) : undefined;
  });
  const { name, description } = weather;
  const skill = defineSkill({
    name,
    description,
    input: z.object({ city: z.string() }),
    handler({ city }) {
      journal.answered.push(name);
      return `Sunny in ${city}.`;
    },
  });
  remoteSkills(stream, { skills: [skill], threadId }).serve();
  stream.requests.settled$.subscribe(({ outcome, cause }) => {
    if (cause !== 'closed') journal.outcomes.push(outcome);
  });
}
