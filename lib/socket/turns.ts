/**
 * Runs tasks one after the other: a task that is given while another runs waits for its end.
 *
 * A Subject shows re-entrant values to its later observers in inverted order, and lets the
 * observers of a BehaviorSubject disagree with its value. In turns, everybody sees the same order.
 */
export function createTurns(): (task: () => void) => void {
  const waiting: (() => void)[] = [];
  let busy = false;
  return (task) => {
    if (busy) {
      waiting.push(task);
      return;
    }
    busy = true;
    try {
      task();
      for (let next = 0; next < waiting.length; next++) waiting[next]?.();
    } finally {
      if (waiting.length > 0) waiting.length = 0;
      busy = false;
    }
  };
}
