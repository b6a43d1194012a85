import type { LogEntry } from '../gateway/index.js';

/** The last entries of a log, so that who follows it asks the server for none. */
export interface LogTail {
  push(entry: LogEntry): void;
  /** Up to `max` entries from this number on; `null` if it has not the first of them. */
  read(from: number, max: number): readonly LogEntry[] | null;
}

const bounds = { entries: 10_000, bytes: 16 * 2 ** 20 };

export function createLogTail(): LogTail {
  /** In the order of their numbers. */
  const entries = new Map<number, LogEntry>();
  let bytes = 0;
  return {
    push(entry) {
      entries.set(entry.seq, entry);
      bytes += entry.frame.byteLength;
      for (const [seq, { frame }] of entries) {
        if (entries.size <= bounds.entries && bytes <= bounds.bytes) break;
        entries.delete(seq);
        bytes -= frame.byteLength;
      }
    },
    read(from, max) {
      if (!entries.has(from)) return null;
      const found: LogEntry[] = [];
      for (let seq = from; found.length < max; seq++) {
        const entry = entries.get(seq);
        if (!entry) break;
        found.push(entry);
      }
      return found;
    },
  };
}
