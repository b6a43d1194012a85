import { describe, expect, test } from '@jest/globals';
import type { Settlement } from 'codex-rx';
import { createOpenRequests } from '../../lib/app-server/open-requests.js';
import { createAppServerRequests } from '../../lib/app-server/server-requests.js';
import { toEvent } from '../../lib/app-server/to-event.js';

/** The server asks for the time: it names the thread, but no turn. */
const timeRead = (id: number, threadId = 't') =>
  toEvent({ method: 'currentTime/read', id, params: { threadId } });

const turnEnded = (threadId = 't') =>
  toEvent({
    method: 'turn/completed',
    params: { threadId, turn: { id: 'u', status: 'failed' } },
  });

const time = { currentTimeAt: 1_800_000_000 };

function stage() {
  const sent: string[] = [];
  const open = createOpenRequests((text) => sent.push(text) > 0, 1_000);
  const all = createAppServerRequests(open);
  const ends: string[] = [];
  all.requests.settled$.subscribe(({ request, outcome, cause }: Settlement) =>
    ends.push(`${request.requestId} ${outcome} ${cause}`),
  );
  return { ...all, sent, ends };
}

describe('a request for the time, of whose end the server says nothing,', () => {
  test('is settled by its answer', () => {
    const { open, requests, sent, ends, list, close } = stage();
    requests.serve('currentTime/read', () => time);
    open(timeRead(0));
    expect(sent).toEqual([`{"id":0,"result":${JSON.stringify(time)}}`]);
    expect(ends).toEqual(['0 answered accepted']);
    expect(list()).toEqual([]);
    close();
  });

  test('expires with the turn of its thread', () => {
    const { open, see, ends, list, close } = stage();
    open(timeRead(0));
    open(timeRead(1, 'other'));
    see(turnEnded());
    expect(ends).toEqual(['0 expired turn-ended']);
    expect(list().map(({ request }) => request.requestId)).toEqual([1]);
    close();
  });

  test('is lost with the connection: it is not sent again', () => {
    const { open, lose, interrupted, ends, list, close } = stage();
    open(timeRead(0));
    lose();
    interrupted();
    expect(ends).toEqual(['0 lost missed']);
    expect(list()).toEqual([]);
    close();
  });
});
