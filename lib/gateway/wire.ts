import { withAliases } from './aliases.js';
import { createBoundedMap } from '../bounded/index.js';
import type { LogEntry } from './log.js';

/**
 * Entries as one kind of client reads them, in one piece.
 *
 * @param filter The thread that is filtered to; `null`: none; `undefined`: something else decides
 *   which entries are left out.
 */
export type Wire = (entries: readonly LogEntry[], filter?: string | null) => Buffer;

/** How many bytes of frames are sent in one piece; a frame that is larger is one. */
export const pieceBytes = 64 * 2 ** 10;

/** What ends the frame of an entry with its number, and the key of its request. */
function tailOf({ requestKey, seq }: LogEntry): string {
  // What says the same as the entry before it has none.
  if (seq === 0) return '}';
  const key = requestKey === null ? '' : `,"requestKey":${JSON.stringify(requestKey)}`;
  return `${key},"seq":${seq}}`;
}

/** The frame of an entry with its number, and the key of its request. */
export const numberedFrame = (entry: LogEntry): Buffer =>
  Buffer.concat([entry.frame.subarray(0, -1), Buffer.from(tailOf(entry))]);

const headerSize = (length: number): number => (length < 126 ? 2 : length < 65_536 ? 4 : 10);

/** Writes the header of a websocket frame of text: returns where it ends. */
function writeHeader(piece: Buffer, at: number, length: number): number {
  piece[at] = 0x81; // the last part, and text
  const size = headerSize(length);
  if (size === 2) piece[at + 1] = length;
  else if (size === 4) {
    piece[at + 1] = 126;
    piece.writeUInt16BE(length, at + 2);
  } else {
    piece[at + 1] = 127;
    piece.writeBigUInt64BE(BigInt(length), at + 2);
  }
  return at + size;
}

/**
 * Entries as frames of a websocket. Those of a server are not masked, so one piece serves all
 * clients: it is written to the socket as it is, which costs a part of what a library takes to send
 * them.
 */
function websocketFrames(entries: readonly LogEntry[], isNumbered: boolean): Buffer {
  const tails = isNumbered ? entries.map(tailOf) : null;
  const tail = (at: number) => (tails === null ? '}' : (tails[at] as string));
  let size = 0;
  for (const [at, { frame }] of entries.entries()) {
    const length = frame.byteLength - 1 + tail(at).length;
    size += headerSize(length) + length;
  }
  const piece = Buffer.allocUnsafe(size);
  let end = 0;
  for (const [at, { frame }] of entries.entries()) {
    end = writeHeader(piece, end, frame.byteLength - 1 + tail(at).length);
    piece.set(frame, end);
    end += frame.byteLength - 1;
    // In the place of the last byte of the frame.
    end += piece.write(tail(at), end, 'latin1');
  }
  return piece;
}

function messages(entries: readonly LogEntry[], epoch: string): Buffer {
  return Buffer.concat(
    entries.flatMap((entry) => [
      Buffer.from(`id: ${epoch}:${entry.seq}\ndata: `),
      entry.frame.subarray(0, -1),
      Buffer.from(`${tailOf(entry)}\n\n`),
    ]),
  );
}

interface Piece {
  readonly from: number;
  readonly to: number;
  readonly bytes: WeakRef<Buffer>;
}

/** Of how many filters the last piece is remembered. */
const maxFilters = 1_000;

/**
 * Makes what is the same for several clients once: most of them read the same entries at the same
 * time. Sockets hold a piece as long as they need it, and nothing else does.
 */
function shared(make: (entries: readonly LogEntry[]) => Buffer): Wire {
  const pieces = createBoundedMap<string | null | undefined, Piece>(maxFilters);
  return (entries, filter) => {
    const from = entries[0]?.seq ?? 0;
    const to = entries.at(-1)?.seq ?? 0;
    const isWhole = to - from + 1 === entries.length;
    // Two clients may have left out different ones.
    if (!isWhole && filter === undefined) return make(entries);
    const key = isWhole ? undefined : filter;
    const known = pieces.get(key);
    const last = known?.from === from && known.to === to ? known.bytes.deref() : undefined;
    if (last) return last;
    const bytes = make(entries);
    pieces.set(key, { from, to, bytes: new WeakRef(bytes) });
    return bytes;
  };
}

/** The forms in which the clients of a gateway read its log. */
export interface Wires {
  readonly plain: Wire;
  readonly numbered: Wire;
  /** Server-sent events. */
  readonly messages: Wire;
}

/** @param aliases Whether requests come as codex-manager's own events too. */
export const createWires = (epoch: string, aliases = false): Wires => ({
  plain: shared((entries) => websocketFrames(aliases ? withAliases(entries) : entries, false)),
  numbered: shared((entries) => websocketFrames(aliases ? withAliases(entries) : entries, true)),
  messages: shared((entries) => messages(entries, epoch)),
});
