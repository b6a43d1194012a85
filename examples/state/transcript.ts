import { connectManager, textSince, threadState, type ItemView } from 'codex-rx';
import { startFakeManager } from 'codex-rx/testing';

const server = await startFakeManager(); // stands in for your codex-manager
const threadId = server.session();
const stream = connectManager({ url: server.url });

/** What is on the screen of each item: its revision, and how much of its text. */
const shown = new Map<string, { revision: number; length: number }>();

function show(item: ItemView): void {
  const { id, kind, revision, length } = item;
  const before = shown.get(id) ?? { revision, length: -1 };
  if (kind === 'userMessage' || (before.revision === revision && before.length === length)) return;
  if (before.length < 0) process.stdout.write(`\n${kind}: `);
  // Under one revision the text only grows; another one is written anew.
  const from = before.revision === revision ? Math.max(0, before.length) : 0;
  process.stdout.write(textSince(item, from));
  shown.set(id, { revision, length });
}

threadState(stream, threadId, { every: 16 }).subscribe(({ turns }) => {
  for (const { items } of turns) items.forEach(show);
  if (turns.at(-1)?.status === 'completed') void stream.close().then(() => server.close());
});
await stream.connect();

const turn = server.startTurn(threadId, 'Say hello.');
turn.say('Hello from Codex!');
turn.complete();
