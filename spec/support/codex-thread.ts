import { ofAppServer, type NotificationParams } from 'codex-rx';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestCodex, TestStream } from './codex-stream.js';
import { startThread, startTurn } from './codex-turn.js';
import type { AnswerFunction, ModelAnswer } from './scripted-model.js';

type Script = readonly ModelAnswer[] | AnswerFunction;

type Item = NotificationParams['item/completed']['item'];

/** A turn that has ended. */
export interface EndedTurn {
  readonly status: string;
  /** How the items of tools ended. */
  readonly items: readonly unknown[];
  /** What the model was told of the tools that it called. */
  readonly told: readonly string[];
}

/** A thread with a folder of its own. */
export interface TestThread {
  readonly threadId: string;
  readonly cwd: string;
  /** Starts a turn in which the model answers by the script. */
  start(script: Script): Promise<{ readonly turnId: string; readonly ended: Promise<EndedTurn> }>;
  /** The same, and waits for its end. */
  run(script: Script): Promise<EndedTurn>;
  /** Ends the turn that runs. */
  interrupt(turnId: string): Promise<void>;
  /** What a file in its folder holds; `null` if there is none. */
  readonly file: (name: string) => string | null;
}

let prompts = 0;

/** Starts a thread on a stream; the codex may have others. */
export async function openThread(
  { cwd: parent, model }: TestCodex,
  stream: TestStream,
  params: object = {},
): Promise<TestThread> {
  const cwd = await mkdtemp(join(parent, 'thread-'));
  const items: { readonly turnId: string | null; readonly item: Item }[] = [];
  stream.on(ofAppServer('item/completed'), ({ turnId, payload }) => {
    items.push({ turnId, item: payload.params.item });
  });
  await stream.connect();
  const threadId = await startThread(stream, { cwd, ...params });

  async function start(script: Script) {
    const prompt = `prompt ${++prompts}`;
    model.script(prompt, script);
    const { turnId, ended } = await startTurn(stream, threadId, prompt);
    const turn = ended.then(({ status }) => ({
      status,
      items: items.flatMap(({ turnId: id, item }) =>
        id === turnId && 'status' in item ? [item.status] : [],
      ),
      told: model.requests.filter((request) => request.turnId === turnId).at(-1)?.toolOutputs ?? [],
    }));
    // Who closes the stream need not hear that the turn did not end.
    turn.catch(() => undefined);
    return { turnId, ended: turn };
  }

  return {
    threadId,
    cwd,
    start,
    run: async (script) => (await start(script)).ended,
    async interrupt(turnId) {
      await stream.call('turn/interrupt', { threadId, turnId });
    },
    file(name) {
      const path = join(cwd, name);
      return existsSync(path) ? readFileSync(path, 'utf8') : null;
    },
  };
}
