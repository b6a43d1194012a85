import { connectManager, startTurn } from 'codex-rx';
import { startFakeManager } from 'codex-rx/testing';

const server = await startFakeManager({
  turn: (turn) => {
    turn.say(`You asked: ${turn.text}`);
  },
});
const threadId = server.session();
const stream = connectManager({ url: server.url });

const turn = startTurn(stream, { threadId, input: 'What is this?' });
const { status, by } = await turn.ended;
console.log(`${await turn.answer} (${status}, by ${by})`);

await stream.close();
await server.close();
