import { asapScheduler, Subscription } from 'rxjs';

/** Reads a text frame. */
export type ReadFrame = (
  text: string,
  bytes: number,
  connection: number,
  receivedAt: number,
) => void;

/** Hands frames on at once, unless it was asked to let promises continue first. */
export interface FrameQueue {
  readonly push: ReadFrame;
  /** Whether a frame that comes now would wait. */
  isBusy(): boolean;
  /** Lets pending `await`s continue before the next frame. */
  yield(): void;
  /** Hands on all that waits, now. */
  flush(): void;
  /** Forgets what waits. */
  clear(): void;
}

/** How many microtasks frames wait: enough for an `await`, and for a few functions around it. */
const maxMicrotasks = 10;

export function createFrameQueue(read: ReadFrame): FrameQueue {
  const waiting: Parameters<ReadFrame>[] = [];
  let yielding = false;
  let flushing = false;
  let countdown = Subscription.EMPTY;
  const isYielding = () => yielding;

  function drain(toTheEnd: boolean): void {
    if (flushing) return;
    countdown.unsubscribe();
    yielding = false;
    flushing = true;
    let next = 0;
    try {
      for (const frame of waiting) {
        next++;
        read(...frame);
        // What was read may be worth waiting for too.
        if (isYielding() && !toTheEnd) break;
      }
    } finally {
      waiting.splice(0, next);
      flushing = false;
    }
  }

  const isBusy = () => yielding || flushing;

  return {
    isBusy,
    push(text, bytes, connection, receivedAt) {
      if (isBusy()) waiting.push([text, bytes, connection, receivedAt]);
      else read(text, bytes, connection, receivedAt);
    },
    yield() {
      if (yielding) return;
      yielding = true;
      // Microtasks, which in the virtual time of a test run too.
      countdown = asapScheduler.schedule(
        function (left = 0) {
          if (left > 0) this.schedule(left - 1);
          else drain(false);
        },
        0,
        maxMicrotasks,
      );
    },
    flush() {
      drain(true);
    },
    clear() {
      waiting.length = 0;
    },
  };
}
