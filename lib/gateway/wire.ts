import type { LogEntry } from './log.js';

/**
 * A websocket frame of the server is not masked, so one buffer serves all clients: it is written to
 * the socket as it is, which costs less than half of what a library takes to send it.
 */
export function websocketFrame(payload: Uint8Array): Buffer {
  const { byteLength: length } = payload;
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
  return frame;
}

/** The frame of an entry with its number, and the key of its request. */
export function numberedFrame({ frame, requestKey, seq }: LogEntry): Buffer {
  const key = requestKey === null ? '' : `,"requestKey":${JSON.stringify(requestKey)}`;
  const tail = Buffer.from(`${key},"seq":${seq}}`);
  // In the place of the brace at its end.
  const body = frame.subarray(0, frame.byteLength - 1);
  return Buffer.concat([body, tail], body.byteLength + tail.byteLength);
}

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
    ? (known.numbered ??= websocketFrame(numberedFrame(entry)))
    : (known.plain ??= websocketFrame(entry.frame));
}
