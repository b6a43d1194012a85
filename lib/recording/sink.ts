import { has } from '../options/index.js';

/**
 * Where a recording is written: an array, a writable stream of Node, `writeRecordingFile` of
 * `codex-rx/node`, or anything that takes text. Each piece is one line with its newline.
 */
export type RecordingSink = WritableSink | PushableSink;

/** What lines are written to, such as a stream of Node. */
export interface WritableSink {
  /** May answer later, with a promise: until then the line counts as waiting. */
  write(line: string): unknown;
  /**
   * Called once, when the recording ends; may answer later. A stream that needs its `end` called,
   * as one that compresses does, is ended by your code.
   */
  close?(): unknown;
  /** How much of what was written waits in the sink, in bytes. */
  readonly writableLength?: number;
  /** `false`: nothing can be written any more. */
  readonly writable?: boolean;
  /** Reports failures, as the streams of Node do. */
  on?(event: 'error', listener: (error: Error) => void): unknown;
}

/** What lines are pushed to, such as an array. */
export interface PushableSink {
  push(line: string): unknown;
}

/** A sink that never throws. */
export interface SafeSink {
  /** How much waits in it, in bytes. */
  readonly waiting: number;
  /** Whether it did not fail at once. */
  write(line: string, bytes: number): boolean;
  /** Resolves when it is closed, or has failed to. */
  close(): Promise<void>;
}

/** @param failed Called with each failure, and with `null` when it works again. */
export function safeSink(
  sink: RecordingSink,
  failed: (error: { readonly cause: unknown } | null) => void,
): SafeSink {
  const target: WritableSink = 'write' in sink ? sink : { write: (line) => sink.push(line) };
  let waiting = 0;
  const fail = (cause: unknown) => {
    failed({ cause });
  };
  // Without a listener, the error of a stream would end the process.
  if (has(target, 'on')) target.on?.('error', fail);
  return {
    get waiting() {
      return waiting + (target.writableLength ?? 0);
    },
    write(line, bytes) {
      try {
        if (target.writable === false) throw new Error('The sink takes no more lines.');
        const answer = target.write(line);
        if (!has(answer, 'then')) {
          failed(null);
          return true;
        }
        waiting += bytes;
        (answer as PromiseLike<unknown>).then(
          () => {
            waiting -= bytes;
            failed(null);
          },
          (cause: unknown) => {
            waiting -= bytes;
            fail(cause);
          },
        );
        return true;
      } catch (cause) {
        fail(cause);
        return false;
      }
    },
    async close() {
      try {
        await target.close?.();
      } catch (cause) {
        fail(cause);
      }
    },
  };
}
