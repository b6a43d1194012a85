/** Reads a text frame. */
export type ReadFrame = (
  text: string,
  bytes: number,
  connection: number,
  receivedAt: number,
) => void;

/** Hands frames on at once, unless it is told to let promises go on first. */
export interface FrameQueue {
  readonly push: ReadFrame;
  /** Lets promises that were settled just now go on before the next frame. */
  yield(): void;
  /** Hands on what waits, now. */
  flush(): void;
  /** Forgets what waits. */
  clear(): void;
}

/** How many microtasks frames wait: enough for an `await`, and for a few functions around it. */
const patience = 10;

export function createFrameQueue(read: ReadFrame): FrameQueue {
  const waiting: Parameters<ReadFrame>[] = [];
  let yielding = false;
  let flushing = false;
  const isYielding = () => yielding;

  function flush(): void {
    if (flushing) return;
    yielding = false;
    flushing = true;
    let next = 0;
    try {
      for (const frame of waiting) {
        next++;
        read(...frame);
        // What was read may be worth waiting for too.
        if (isYielding()) break;
      }
    } finally {
      waiting.splice(0, next);
      flushing = false;
    }
  }

  function wait(left: number): void {
    queueMicrotask(() => {
      if (!yielding) return;
      if (left > 0) wait(left - 1);
      else flush();
    });
  }

  return {
    push(text, bytes, connection, receivedAt) {
      if (yielding || flushing) waiting.push([text, bytes, connection, receivedAt]);
      else read(text, bytes, connection, receivedAt);
    },
    yield() {
      if (!yielding) wait(patience);
      yielding = true;
    },
    flush,
    clear() {
      waiting.length = 0;
    },
  };
}
