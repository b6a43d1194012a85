import { randomBytes } from 'node:crypto';
import { Subject } from 'rxjs';
import { amounts, mustBeKnown } from '../options/index.js';
import type { Log, LogEntry } from './log.js';

/** How much a log in memory keeps. */
export interface MemoryLogOptions {
  /**
   * How many events it keeps at most.
   *
   * @default 50,000
   */
  readonly events?: number;

  /**
   * How much memory it takes at most, in bytes: the frames, and some for each of them.
   *
   * @default 64 MiB
   */
  readonly bytes?: number;
}

/** What an entry costs besides its frame, in bytes: two objects, and its place. */
const overhead = 400;

const bytesOf = ({ frame }: LogEntry): number => frame.byteLength + overhead;

/**
 * A log in memory. It forgets its oldest entries when it outgrows a bound, and ends with the
 * process: the next one has another epoch.
 *
 * @throws TypeError that names the option that is wrong.
 */
export function memoryLog(options: MemoryLogOptions = {}): Log {
  mustBeKnown('', options, ['events', 'bytes']);
  const bounds = amounts('', options, { events: 50_000, bytes: 64 * 2 ** 20 });
  const appended = new Subject<void>();
  /** The entries from `start` on; those before it are forgotten. */
  let entries: (LogEntry | undefined)[] = [];
  let start = 0;
  let bytes = 0;
  let last = 0;

  function forgetOldest(): void {
    while (
      start < entries.length &&
      (entries.length - start > bounds.events || bytes > bounds.bytes)
    ) {
      bytes -= bytesOf(entries[start] as LogEntry);
      entries[start++] = undefined;
    }
    // Half of the array at a time: it costs the same for each entry.
    if (start > 1_000 && start * 2 > entries.length) {
      entries = entries.slice(start);
      start = 0;
    }
  }

  const firstOf = () => last - (entries.length - start) + 1;

  return {
    epoch: randomBytes(9).toString('base64url'),
    get first() {
      return firstOf();
    },
    get last() {
      return last;
    },
    append(record) {
      const { type, threadId, requestKey, at, frame } = record;
      const entry = { type, threadId, requestKey, at, frame, seq: ++last };
      entries.push(entry);
      bytes += bytesOf(entry);
      forgetOldest();
      appended.next();
    },
    read(from, max) {
      const at = start + Math.max(0, from - firstOf());
      return entries.slice(at, at + max) as LogEntry[];
    },
    appended$: appended.asObservable(),
  };
}
