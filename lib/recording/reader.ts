import { parseExactly } from '../envelope/index.js';
import type { RecordedEntry, RecordingHeader } from './recording.js';
import { beginning, RecordingError } from './recording-error.js';

/** Reads a recording line by line: text, or what is parsed already. */
export interface Reader {
  /** The number of the line that was read last. */
  readonly line: number;
  /** Known after the first line. */
  readonly header: RecordingHeader | null;
  /**
   * An entry; `null` for the header, for an empty line, and for what may be cut off, which the next
   * line tells.
   *
   * @param isEnded Whether a newline ends the line.
   * @throws RecordingError that names the line and what is wrong.
   */
  read(line: string | object, isEnded: boolean): RecordedEntry | null;
  /**
   * There are no more lines: whether the last one is cut off.
   *
   * @throws RecordingError if there was no header.
   */
  end(): boolean;
}

export function createReader(): Reader {
  let number = 0;
  let header: RecordingHeader | null = null;
  /** What is wrong with a line that was perhaps the last. */
  let broken: RecordingError | null = null;

  /** `undefined`: it is not JSON, and may be cut off. */
  function parse(line: string, isEnded: boolean): unknown {
    try {
      return header?.protocol === 'app-server' ? parseExactly(line) : JSON.parse(line);
    } catch (cause) {
      const what = `is not JSON. ${beginning(line)}`;
      const error = new RecordingError('not-json', number, what, { cause });
      if (isEnded) throw error;
      broken = error;
      return undefined;
    }
  }

  return {
    get line() {
      return number;
    },
    get header() {
      return header;
    },
    read(line, isEnded) {
      number++;
      const isText = typeof line === 'string';
      if (isText && line.trim() === '') return null;
      if (broken !== null) throw broken;
      const value = isText ? parse(line.trim(), isEnded) : line;
      if (value === undefined) return null;
      if (header !== null) return entryOf(value, number);
      header = headerOf(value, number);
      return null;
    },
    end() {
      if (header !== null) return broken !== null;
      throw broken ?? noHeader(1, '');
    },
  };
}

function headerOf(value: unknown, line: number): RecordingHeader {
  const { recording, version, protocol, startedAt } = Object(value) as Record<string, unknown>;
  if (recording !== 'codex-rx') throw noHeader(line, value);
  if (version !== 1) {
    const what = `is of version ${JSON.stringify(version)}, and this codex-rx reads version 1: update it.`;
    throw new RecordingError('wrong-version', line, what);
  }
  const isProtocol = protocol === 'codex-manager' || protocol === 'app-server';
  const isTime = typeof startedAt === 'string' && !Number.isNaN(Date.parse(startedAt));
  if (isProtocol && isTime) return value as RecordingHeader;
  const what = isProtocol
    ? 'has no "startedAt" in ISO 8601.'
    : 'has no "protocol": "codex-manager" or "app-server".';
  throw new RecordingError('no-header', line, what);
}

const noHeader = (line: number, value: unknown): RecordingError =>
  new RecordingError(
    'no-header',
    line,
    `is no header, {"recording":"codex-rx","version":1,…}. ${beginning(value)}`,
  );

function entryOf(value: unknown, line: number): RecordedEntry {
  const { t, dir } = Object(value) as Partial<Record<keyof RecordedEntry, unknown>>;
  if (typeof t === 'number' && typeof dir === 'string') return value as RecordedEntry;
  const what = typeof t === 'number' ? '"dir", such as "in"' : '"t", its time in ms';
  throw new RecordingError('bad-entry', line, `has no ${what}. ${beginning(value)}`);
}
