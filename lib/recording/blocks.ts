import { from, type ObservableInput, type Subscription } from 'rxjs';
import type { RecordedEntry, Recording, RecordingHeader } from './recording.js';

/**
 * Whole lines as text, several in a piece if that is how they come, or lines that are parsed
 * already.
 */
export type Block = string | RecordingHeader | RecordedEntry;

/**
 * What can be replayed: the text of a recording, what `readRecording` made of it, or its lines, one
 * by one or several in a piece, as an iterable, an async iterable, an Observable or the like.
 */
export type RecordingSource = string | Recording | ObservableInput<Block>;

/** A source that is asked for one piece after the other. */
export interface Blocks {
  /** The next one; `null` if it has not come yet: `ready` is called when it has. */
  next(ready: () => void): IteratorResult<Block, unknown> | null;
  /** No more is wanted. */
  close(): void;
}

export function openBlocks(source: RecordingSource): Blocks {
  if (typeof source === 'string') return iterated([source]);
  if ('header' in source) return iterated([source.header, ...source.entries]);
  if (Symbol.iterator in source) return iterated(source);
  if (Symbol.asyncIterator in source) return awaited(source[Symbol.asyncIterator]());
  return queued(source);
}

function iterated(source: Iterable<Block>): Blocks {
  const iterator = source[Symbol.iterator]();
  return {
    next: () => iterator.next(),
    close: () => void iterator.return?.(),
  };
}

/** Asks for the next piece only when it is wanted: no more than one is held. */
function awaited(iterator: AsyncIterator<Block>): Blocks {
  let answer: (() => IteratorResult<Block, unknown>) | null = null;
  return {
    next(ready) {
      if (answer !== null) {
        const settled = answer;
        answer = null;
        return settled();
      }
      const settle = (settled: typeof answer) => {
        answer = settled;
        ready();
      };
      iterator.next().then(
        (result) => {
          settle(() => result);
        },
        (error: unknown) => {
          settle(() => {
            throw error;
          });
        },
      );
      return null;
    },
    close() {
      // The subscriber has left: that a file could not be closed is no news for it.
      iterator.return?.().catch(() => undefined);
    },
  };
}

/** A push source gets no backpressure: blocks that are not due yet are buffered. */
function queued(source: ObservableInput<Block>): Blocks {
  let queue: Block[] = [];
  let taken = 0;
  let end: (() => IteratorResult<Block, unknown>) | null = null;
  let wake: (() => void) | null = null;
  let subscription: Subscription | null = null;

  function wakeReader(): void {
    const waiting = wake;
    wake = null;
    waiting?.();
  }

  function finish(result: () => IteratorResult<Block, unknown>): void {
    end = result;
    wakeReader();
  }

  return {
    next(ready) {
      subscription ??= from(source).subscribe({
        next(block) {
          queue.push(block);
          wakeReader();
        },
        error(error: unknown) {
          finish(() => {
            throw error;
          });
        },
        complete() {
          finish(() => ({ done: true, value: null }));
        },
      });
      const block = queue[taken];
      if (block !== undefined) {
        taken++;
        return { value: block };
      }
      queue = [];
      taken = 0;
      if (end !== null) return end();
      wake = ready;
      return null;
    },
    close: () => subscription?.unsubscribe(),
  };
}
