/** Runs a task, now or after those that run. */
export interface Serialize {
  /** What a task needs may be given with it: the path of every event then needs no closure. */
  <A, B>(task: (a: A, b: B) => void, a?: A, b?: B): void;
  /** Whether a task is running: one that is given now waits for its end. */
  isBusy(): boolean;
}

/**
 * Runs tasks one after the other: a task that is given while another runs waits for its end.
 *
 * A Subject shows re-entrant values to its later observers in inverted order, and lets the
 * observers of a BehaviorSubject disagree with its value. In turns, everybody sees the same order.
 */
export function createSerializer(): Serialize {
  const waiting: (() => void)[] = [];
  let busy = false;

  function serialize<A, B>(task: (a: A, b: B) => void, a?: A, b?: B): void {
    if (busy) {
      waiting.push(() => {
        task(a as never, b as never);
      });
      return;
    }
    busy = true;
    try {
      task(a as never, b as never);
      for (let next = 0; next < waiting.length; next++) waiting[next]?.();
    } finally {
      if (waiting.length > 0) waiting.length = 0;
      busy = false;
    }
  }

  return Object.assign(serialize, { isBusy: () => busy });
}
