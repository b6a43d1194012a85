import { messageOf, writeLog, type StreamLog } from '../text/index.js';
import { EnvelopeError, type Envelope, type EnvelopeFault } from '../envelope/index.js';
import { openBlocks, type RecordingSource } from './blocks.js';
import { decoderOf, type Decode } from './decode.js';
import { linesOf } from './read-recording.js';
import { createReader } from './reader.js';
import type { RecordedEntry, RecordingHeader } from './recording.js';

/** An event, and when it came: milliseconds since the recording began. */
export interface RecordedEvent {
  readonly t: number;
  readonly event: Envelope;
}

/** A line of a recording whose frame could not be read. */
export interface MalformedLine {
  /** The number of the line; the header is line 1. */
  readonly line: number;
  /** `cut`: it is the last line, and a part of it is missing. */
  readonly reason: EnvelopeFault | 'cut';
  /** What is wrong, in a sentence. */
  readonly message: string;
}

/** The events of a source, read one line at a time. */
export interface RecordedEvents {
  /** Whether all has been read. */
  readonly isOver: boolean;
  /**
   * Reads a line: the event, `null` if it is none, or `undefined` if there is no line, or none yet:
   * then `ready` is called when there is.
   *
   * @throws RecordingError if the recording is damaged.
   */
  next(ready: () => void): RecordedEvent | null | undefined;
  close(): void;
}

export function openEvents(
  source: RecordingSource,
  sock: string | undefined,
  malformed: (line: MalformedLine) => void,
  log: StreamLog | false,
): RecordedEvents {
  const blocks = openBlocks(source);
  const reader = createReader();
  let lines: Iterator<readonly [line: string, isEnded: boolean]> | null = null;
  let decode: Decode | null = null;
  let isOver = false;

  function read(ready: () => void): RecordedEntry | null | undefined {
    const line = lines?.next();
    if (line?.done === false) return reader.read(...line.value);
    lines = null;
    const block = blocks.next(ready);
    if (block === null) return undefined;
    if (block.done === true) {
      end();
      return undefined;
    }
    if (typeof block.value !== 'string') return reader.read(block.value, true);
    lines = linesOf(block.value);
    return null;
  }

  function end(): void {
    isOver = true;
    const isCut = reader.end() || ('cut' in Object(source) && (source as { cut: boolean }).cut);
    if (isCut) report('cut', 'The last line of the recording is cut off.');
  }

  function report(reason: MalformedLine['reason'], message: string): void {
    try {
      malformed({ line: reader.line, reason, message });
    } catch (error) {
      writeLog(log, `the "malformed" callback threw: ${messageOf(error)}`, error);
    }
  }

  return {
    get isOver() {
      return isOver;
    },
    next(ready) {
      const entry = read(ready);
      if (entry?.dir !== 'in') return entry && null;
      if (sock !== undefined && entry.sock !== sock) return null;
      try {
        decode ??= decoderOf(reader.header as RecordingHeader);
        const event = decode(entry);
        return event && { t: entry.t, event };
      } catch (error) {
        if (!(error instanceof EnvelopeError)) throw error;
        report(error.kind, error.message);
        return null;
      }
    },
    close() {
      blocks.close();
    },
  };
}
