import { describe, expect, test } from '@jest/globals';
import { startTurn, watchTurn, type WatchedTurn } from 'codex-rx';
import { notification } from 'codex-rx/testing';
import { asyncScheduler } from 'rxjs';
import { Late, onAppServer, onManager, threadId, turnId } from './turn-stage.js';

const path = `/api/sessions/${threadId}`;

/** A session of codex-manager as it is once its turn has ended: the agent has said `Hello.` in it. */
const over = {
  thread: { id: threadId, status: { type: 'idle' }, turns: [{ id: turnId, status: 'completed' }] },
  transcript: [
    { type: 'agentMessage', messageId: 'item-1', turnId, content: 'Hello.', status: 'complete' },
  ],
};

/** The end of a turn: it repeats what the agent has said last. */
const e = notification('turn/completed', {
  threadId,
  turn: {
    id: turnId,
    status: 'completed',
    items: [{ type: 'agentMessage', id: 'item-1', text: 'Hello.' } as never],
  },
});

const session = (type: string) => ({
  thread: { id: threadId, status: { type }, turns: [{ id: turnId, status: 'inProgress' }] },
  transcript: [],
});

const clientUserMessageId = 'mine';

const u = notification('item/completed', {
  threadId,
  turnId,
  item: { type: 'userMessage', id: 'user-2', clientId: clientUserMessageId, content: [] } as never,
});

describe('the answer of a turn', () => {
  test.each([
    ['is what the agent has said behind its message', '---tumc', 'Hello.'],
    ['is nothing if its message joined a turn that said no more', '---tmuc', null],
    ['is nothing if the end repeats what was said before anybody listened', '---tue', null],
  ])('%s', async (_, diagram, answer) => {
    let turn!: WatchedTurn;
    onAppServer(
      diagram,
      (what) => (what === 'turn/start' ? { turn: { id: turnId } } : { thread: { id: threadId } }),
      (stream) => {
        const message = { threadId, input: 'Hi', clientUserMessageId };
        turn = startTurn(stream, message);
      },
      { u, e },
    );
    expect(await turn.ended).toMatchObject({ status: 'completed', delivered: true });
    expect(await turn.answer).toBe(answer);
  });

  test('is read after a gap, whatever a reading says that was asked for before it', async () => {
    let turn!: WatchedTurn;
    onManager(
      '-t!m-^ 5ms c 30ms |',
      // Asked for at 0 ms, it arrives when the stream is back, and the source has not yet recovered.
      () => (asyncScheduler.now() === 0 ? new Late(9, session('active')) : over),
      (stream) => {
        turn = watchTurn(stream, { threadId, turnId });
      },
      {},
      10,
    );
    expect(await turn.ended).toMatchObject({ status: 'completed', by: 'event' });
    expect(await turn.answer).toBe('Hello.');
  });

  test('is read after a gap in which the id of the turn was not known', async () => {
    let turn!: WatchedTurn;
    onManager(
      '---t!m^ 5ms c 30ms |',
      (what) => {
        if (what === `${path}/messages`) return new Late(20, { turnId });
        return asyncScheduler.now() === 0 ? session('idle') : over;
      },
      (stream) => {
        turn = startTurn(stream, { threadId, input: 'Hi' });
      },
    );
    expect(await turn.ended).toMatchObject({ status: 'completed', by: 'event' });
    expect(await turn.answer).toBe('Hello.');
  });
});
