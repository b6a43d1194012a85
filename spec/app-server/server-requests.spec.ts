import { describe, expect, test } from '@jest/globals';
import type { ServerRequest, Settlement } from 'codex-rx';
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
  const all = createAppServerRequests((text) => sent.push(text) > 0, 1_000, JSON.stringify);
  let pending: readonly ServerRequest[] = [];
  all.requests.pending$.subscribe((now) => (pending = now));
  const ends: string[] = [];
  all.requests.settled$.subscribe(({ request, outcome, cause }: Settlement) =>
    ends.push(`${request.requestId} ${outcome} ${cause}`),
  );
  return { ...all, sent, ends, list: () => pending };
}

describe('a request for the time, of whose end the server says nothing,', () => {
  test('is settled by its answer', () => {
    const { announce, requests, sent, ends, list, close } = stage();
    requests.serve('currentTime/read', () => time);
    announce(timeRead(0));
    expect(sent).toEqual([`{"id":0,"result":${JSON.stringify(time)}}`]);
    expect(ends).toEqual(['0 answered accepted']);
    expect(list()).toEqual([]);
    close();
  });

  test('expires with the turn of its thread', () => {
    const { announce, observe, ends, list, close } = stage();
    announce(timeRead(0));
    announce(timeRead(1, 'other'));
    observe(turnEnded());
    expect(ends).toEqual(['0 expired turn-ended']);
    expect(list().map(({ requestId }) => requestId)).toEqual([1]);
    close();
  });

  test('is lost with the connection: it is not sent again', () => {
    const { announce, lose, interrupted, ends, list, close } = stage();
    announce(timeRead(0));
    lose();
    interrupted();
    expect(ends).toEqual(['0 lost missed']);
    expect(list()).toEqual([]);
    close();
  });
});
