import type { Observable } from 'rxjs';

/** What a feed hands to a log. */
export interface LogRecord {
  readonly type: string;
  readonly threadId: string | null;
  /** The key of the request that the event opens; `null` for any other event. */
  readonly requestKey: string | null;
  /** When it was received: milliseconds since the epoch. */
  readonly at: number;
  /**
   * The frame of codex-manager's dialect, as JSON in UTF-8. In an entry it may be empty: then the
   * entry only takes its number, and no reader gets it.
   */
  readonly frame: Uint8Array;
}

/** A record that has its number. */
export interface LogEntry extends LogRecord {
  /** The first entry of a log has the number 1, and no number comes twice. */
  readonly seq: number;
}

/**
 * A bounded log of the events of one source, which numbers them. `memoryLog` keeps one in memory;
 * `jetStreamLog` of `codex-rx/nats` keeps one that outlives the process.
 */
export interface Log {
  /** Names the numbering: letters, digits, `_` and `-`. Another log has another epoch. */
  readonly epoch: string;
  /** The number of the oldest entry that there still is; `last + 1` if there is none. */
  readonly first: number;
  /** The number of the newest entry; 0 before the first one. */
  readonly last: number;
  /** Numbers a record and keeps it. May take its time: `appended$` emits when it can be read. */
  append(record: LogRecord): void;
  /** Up to `max` entries from this number on, in order, none left out in between. */
  read(from: number, max: number): readonly LogEntry[] | PromiseLike<readonly LogEntry[]>;
  /** Emits after each append. Completes when nothing more is kept: readers are ended then. */
  readonly appended$: Observable<void>;
  /** Emits when records are kept again, after some were not: the feed reports a gap there. */
  readonly resumed$?: Observable<void>;
}

/** A position in a log, as clients name it: `<epoch>:<seq>`. */
export interface LogPosition {
  readonly epoch: string;
  readonly seq: number;
}

/** The position that a text names; `null` if it names none. */
export function readPosition(text: string): LogPosition | null {
  const [, epoch = '', digits = ''] = /^([\w-]{1,64}):(\d{1,15})$/.exec(text) ?? [];
  return epoch === '' ? null : { epoch, seq: Number(digits) };
}
