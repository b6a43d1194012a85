import { messageOf, writeLog, type StreamLog } from '../text/index.js';
import { safeSink, type RecordingSink } from './sink.js';

export interface Limits {
  /** How large a recording may grow, in bytes. */
  readonly maxBytes: number;
  /** How much may wait in a sink, in bytes. */
  readonly maxWaitingBytes: number;
}

/** Writes lines to a sink as long as it takes them, and knows what is missing. */
export interface LineWriter {
  readonly lines: number;
  readonly bytes: number;
  readonly missing: number;
  readonly failures: number;
  /** Why nothing is written any more. */
  readonly ended: 'closed' | 'full' | null;
  /** Writes the first line: nothing else is written before it is. */
  begin(header: string): void;
  write(line: string): void;
  /** Something is not written at all. */
  miss(): void;
  /** Counts a failure, and reports it unless the one before was reported. */
  readonly fail: (error: unknown) => void;
  /** Resolves when the sink is closed. */
  close(): Promise<void>;
}

/** What the notes at the end of a full recording may take, in bytes. */
const reserve = 400;

/**
 * @param noteOf Makes a line that says something in words.
 * @param report Called with the first failure, of the first after it has worked again, and of the
 * end of a full recording. May throw.
 */
export function createLineWriter(
  to: RecordingSink,
  { maxBytes, maxWaitingBytes }: Limits,
  noteOf: (note: string) => string,
  report: (error: unknown) => void,
  log: StreamLog | false,
): LineWriter {
  let lines = 0;
  let bytes = 0;
  let missing = 0;
  let failures = 0;
  let ended: LineWriter['ended'] = null;
  let closed: Promise<void> | null = null;
  /** The first line, until the sink has taken it. */
  let head: string | null = null;
  /** How many lines are missing since the last one. */
  let gap = 0;
  let isFailing = false;

  const sink = safeSink(to, (failure) => {
    if (failure === null) isFailing = false;
    else fail(failure.cause);
  });

  function fail(error: unknown): void {
    failures++;
    if (isFailing) return;
    isFailing = true;
    reportSafely(error);
  }

  function reportSafely(error: unknown): void {
    try {
      report(error);
    } catch (thrown) {
      writeLog(log, `the "failed" callback threw: ${messageOf(thrown)}`, thrown);
    }
  }

  function put(line: string, size = bytesOf(line) + 1): boolean {
    if (!sink.write(`${line}\n`, size)) return false;
    lines++;
    bytes += size;
    return true;
  }

  /** Writes what must stand before the next line: the first one, and how many are missing. */
  function catchUp(): boolean {
    if (head !== null && !put(head)) return false;
    head = null;
    if (gap === 0) return true;
    const isWritten = put(noteOf(`Lines that the sink did not take are missing here: ${gap}.`));
    if (isWritten) gap = 0;
    return isWritten;
  }

  function end(reason: 'closed' | 'full'): Promise<void> {
    ended ??= reason;
    closed ??= sink.close();
    return closed;
  }

  return {
    get lines() {
      return lines;
    },
    get bytes() {
      return bytes;
    },
    get missing() {
      return missing;
    },
    get failures() {
      return failures;
    },
    get ended() {
      return ended;
    },
    begin(header) {
      head = header;
      catchUp();
    },
    write(line) {
      if (ended !== null) {
        missing++;
        return;
      }
      const size = bytesOf(line) + 1;
      if (bytes + size > maxBytes - reserve) {
        missing++;
        catchUp();
        put(noteOf(`The recording ends here: it may have ${maxBytes} bytes.`));
        void end('full');
        reportSafely(new Error(`The recording is full: it may have ${maxBytes} bytes.`));
      } else if (sink.waiting > maxWaitingBytes || !catchUp() || !put(line, size)) {
        missing++;
        gap++;
      }
    },
    miss() {
      missing++;
    },
    fail,
    close() {
      if (ended === null) catchUp();
      return end('closed');
    },
  };
}

let encoder: InstanceType<typeof TextEncoder> | null = null;

/** How long a text is in UTF-8. */
export function bytesOf(text: string): number {
  encoder ??= new TextEncoder();
  return encoder.encode(text).length;
}
