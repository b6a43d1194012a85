import type { LogEntry } from './log.js';

/**
 * A websocket frame of the server is not masked, so one buffer serves all clients: it is written to
 * the socket as it is, which costs less than half of what a library takes to send it.
 *
 * @param tail In the place of the last byte of the payload: ASCII.
 */
function websocketFrame(payload: Uint8Array, tail: string): Buffer {
  const body = payload.byteLength - 1;
  const length = body + tail.length;
  const size = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(size + length);
  frame[0] = 0x81; // the last part, and text
  if (size === 2) frame[1] = length;
  else if (size === 4) {
    frame[1] = 126;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = 127;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  frame.set(payload, size);
  frame.write(tail, size + body, 'latin1');
  return frame;
}

/** What ends the frame of an entry with its number, and the key of its request. */
function tailOf({ requestKey, seq }: LogEntry): string {
  const key = requestKey === null ? '' : `,"requestKey":${JSON.stringify(requestKey)}`;
  return `${key},"seq":${seq}}`;
}

/** The frame of an entry with its number, and the key of its request. */
export const numberedFrame = (entry: LogEntry): Buffer =>
  Buffer.concat([entry.frame.subarray(0, -1), Buffer.from(tailOf(entry))]);

interface Forms {
  plain?: Buffer;
  numbered?: Buffer;
}

/** The forms of each entry, made when they are first sent, and forgotten with the entry. */
const forms = new WeakMap<LogEntry, Forms>();

/** An entry as it is written to websockets. */
export function wireOf(entry: LogEntry, isNumbered: boolean): Buffer {
  let known = forms.get(entry);
  if (known === undefined) forms.set(entry, (known = {}));
  return isNumbered
    ? (known.numbered ??= websocketFrame(entry.frame, tailOf(entry)))
    : (known.plain ??= websocketFrame(entry.frame, '}'));
}
