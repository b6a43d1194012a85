import { constants, isUtf8 } from 'node:buffer';
import { excerptBytes, type TransportEvents, type TransportRequest } from '../socket/transport.js';

/** Takes a stream of bytes apart into lines. */
export interface Lines {
  readonly push: (chunk: Buffer) => void;
  /** The stream has ended: what has come since the last newline is a line too. */
  readonly end: () => void;
}

const lf = 10;
const cr = 13;

/** A buffer that has grown larger is let go with its line. */
const usualBytes = 2 ** 16;

/**
 * Tells the lines of a stream of UTF-8: with LF or CRLF, which are not part of them. Empty ones are
 * skipped; of one longer than `maxFrameBytes` only its beginning is held. Lines are split as bytes
 * and decoded as a whole: a chunk may end in the middle of a character.
 */
export function splitLines(
  { maxFrameBytes, ignore }: Pick<TransportRequest, 'maxFrameBytes' | 'ignore'>,
  events: Pick<TransportEvents, 'text' | 'ignored' | 'fault'>,
): Lines {
  const limit = Math.min(maxFrameBytes, constants.MAX_STRING_LENGTH);
  const beginning = Math.max(excerptBytes, ignore?.length ?? 0);
  /** Room for the beginning of a line whose end has not come yet. */
  let room = Buffer.alloc(0);
  /** How much of `room` is taken. */
  let held = 0;
  /** How long the line is so far, and its last byte. */
  let length = 0;
  let last = 0;

  function hold(part: Buffer): void {
    length += part.length;
    last = part.at(-1) ?? last;
    // One byte more than the limit: it may be the CR of a CRLF.
    const wanted = length > limit + 1 ? Math.min(length, beginning) : length;
    // Room doubles, or a long line in many chunks would be copied with each of them.
    if (wanted > room.length) resize(Math.max(wanted, Math.min(room.length * 2, limit + 1)));
    else if (wanted < held) resize(wanted);
    held += part.copy(room, held, 0, wanted - held);
  }

  function resize(size: number): void {
    const resized = Buffer.allocUnsafe(size);
    held = room.copy(resized, 0, 0, held);
    room = resized;
  }

  function tellHeld(): void {
    const [line, bytes] = [room.subarray(0, held), length];
    if (room.length > usualBytes) room = Buffer.alloc(0);
    held = length = 0;
    deliver(line, bytes, last);
  }

  function deliver(line: Buffer, length: number, last: number | undefined): void {
    const bytes = last === cr ? length - 1 : length;
    if (bytes === 0) return;
    // Bytes of ASCII are the same in Latin-1, which needs no look at the rest of the line.
    if (ignore?.test(line.toString('latin1', 0, Math.min(bytes, ignore.length)))) {
      events.ignored(bytes);
    } else if (bytes > limit) {
      events.fault('too-large', bytes, line.toString('utf8', 0, Math.min(bytes, excerptBytes)));
    } else if (isUtf8(line.subarray(0, bytes))) events.text(line.toString('utf8', 0, bytes), bytes);
    else events.fault('not-utf8', bytes, line.toString('latin1', 0, excerptBytes));
  }

  return {
    push(chunk) {
      let from = 0;
      for (let to = chunk.indexOf(lf); to !== -1; to = chunk.indexOf(lf, from)) {
        const part = chunk.subarray(from, to);
        from = to + 1;
        if (length === 0) deliver(part, part.length, part.at(-1));
        else {
          hold(part);
          tellHeld();
        }
      }
      if (from < chunk.length) hold(chunk.subarray(from));
    },
    end() {
      if (length > 0) tellHeld();
    },
  };
}
