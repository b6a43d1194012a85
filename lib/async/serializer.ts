/** What a task needs may be given with it: the path of every event then needs no closure. */
export type Serialize = <A, B>(task: (a: A, b: B) => void, a?: A, b?: B) => void;

/**
 * Runs tasks one after the other: a task that is given while another runs waits for its end.
 *
 * A Subject shows re-entrant values to its later observers in inverted order, and lets the
 * observers of a BehaviorSubject disagree with its value. In turns, everybody sees the same order.
 */
export function createSerializer(): Serialize {
  const waiting: (() => void)[] = [];
  let busy = false;
  return (task, a, b) => {
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
  };
}
