import type { TurnFollower } from './turn-follower.js';
import { perStream } from './per-stream.js';
import { TurnError, type StartTurnOptions } from './turn.js';

interface Place {
  readonly begin: () => void;
  isBegun: boolean;
}

/** How many messages may wait for a thread. */
const bound = 8;

/** The turns of each thread that this process has begun or will begin, in order. */
const linesOf = /* @__PURE__ */ perStream(() => new Map<string, Place[]>());

/**
 * Lets a turn begin: now, or when the turns before it are over.
 *
 * @param router What all copies of a stream share.
 * @param begin Is called once, while the turn is not over.
 */
export function enqueue(
  router: object,
  threadId: string,
  { lifetime }: TurnFollower,
  whenBusy: StartTurnOptions['whenBusy'],
  begin: () => void,
): TurnError | null {
  const threads = linesOf(router);
  const line = threads.get(threadId) ?? [];
  threads.set(threadId, line);
  if (whenBusy === 'reject' && line.length > 0) return busy(threadId);
  const isFull = line.filter(({ isBegun }) => !isBegun).length >= bound;
  if (whenBusy === 'queue' && isFull) {
    const what = `${bound} messages wait for thread ${threadId} already: send this one later.`;
    return new TurnError('full', threadId, what);
  }
  const place: Place = { begin, isBegun: whenBusy !== 'queue' || line.length === 0 };
  line.push(place);
  lifetime.add(() => {
    line.splice(line.indexOf(place), 1);
    const [next] = line;
    if (!next) threads.delete(threadId);
    else if (!next.isBegun) {
      next.isBegun = true;
      next.begin();
    }
  });
  if (place.isBegun && !lifetime.closed) begin();
  return null;
}

export const busy = (threadId: string): TurnError =>
  new TurnError(
    'busy',
    threadId,
    `Another turn of thread ${threadId} runs: wait for its end, or say whenBusy: 'queue' or 'steer'.`,
  );
