import { isThenable } from '../async/index.js';
import type { Log, LogEntry } from './log.js';
import { pieceBytes } from './wire.js';

export interface PumpOptions {
  readonly log: Log;
  /** The number of the entry that was sent last. */
  readonly after: number;
  /** Whether the reader takes an entry; it goes past the others. */
  readonly accepts: (entry: LogEntry) => boolean;
  /** Gets entries in order, at least one, and of a bounded size unless that is one alone. */
  readonly write: (entries: readonly LogEntry[]) => void;
  /** Whether the reader has so much to read that it gets no more now: then `run` it again later. */
  readonly isFull: () => boolean;
  /** The reader was so slow that the log has forgotten what comes next. */
  readonly fellBehind: () => void;
  /** Everything that the log has was written, or passed. */
  readonly caughtUp?: () => void;
}

/** Carries a log to one reader. */
export interface Pump {
  /** The number of the entry that was written or passed last. */
  readonly cursor: number;
  /** Writes all that there is and that the reader can take. */
  readonly run: () => void;
  readonly stop: () => void;
}

/** How many entries are read at once. */
const batch = 256;

/**
 * One cursor over the shared log: what is replayed, what comes live and what a slow reader still
 * has to get are the same loop, so there is no boundary between them at which an event could be
 * lost or sent twice.
 */
export function createPump(options: PumpOptions): Pump {
  const { log, accepts, write, isFull, fellBehind, caughtUp = () => undefined } = options;
  let cursor = options.after;
  let isStopped = false;
  /** Whether it runs, or waits for a log that answers later. */
  let isBusy = false;
  /** Whether it was to run meanwhile. */
  let isAsked = false;

  function stop(): void {
    isStopped = true;
  }

  /** Whether there was room for all of them. */
  function writeAll(entries: readonly LogEntry[]): boolean {
    for (let at = 0; at < entries.length;) {
      if (isStopped || isFull()) return false;
      const piece: LogEntry[] = [];
      let bytes = 0;
      let isNext = true;
      for (; at < entries.length && bytes < pieceBytes; at++) {
        const entry = entries[at] as LogEntry;
        isNext = entry.seq === cursor + 1;
        if (!isNext) break;
        cursor = entry.seq;
        if (entry.frame.byteLength === 0 || !accepts(entry)) continue;
        piece.push(entry);
        bytes += entry.frame.byteLength;
      }
      if (piece.length > 0) write(piece);
      if (!isNext) return fallBehind();
    }
    return true;
  }

  function fallBehind(): false {
    stop();
    fellBehind();
    return false;
  }

  function run(): void {
    isAsked = isBusy;
    if (isBusy) return;
    isBusy = true;
    while (!isStopped && cursor < log.last && !isFull()) {
      if (cursor + 1 < log.first) {
        fallBehind();
        break;
      }
      const read = log.read(cursor + 1, batch);
      if (isThenable(read)) {
        read.then(resume, fallBehind);
        return;
      }
      if (read.length === 0 || !writeAll(read)) break;
    }
    rest();
  }

  function resume(entries: readonly LogEntry[]): void {
    isBusy = false;
    // A log may have forgotten them since it was asked.
    if (entries.length === 0 && !isStopped && cursor + 1 < log.first) fallBehind();
    else if (entries.length > 0 && writeAll(entries)) run();
    else rest();
  }

  function rest(): void {
    isBusy = false;
    if (isStopped) return;
    if (isAsked) run();
    else if (cursor >= log.last) caughtUp();
  }

  return {
    get cursor() {
      return cursor;
    },
    run,
    stop,
  };
}
