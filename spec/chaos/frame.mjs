// The frames of the traffic.

export function readFrame(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Control frames have no payload, and only events that are wanted are numbered. */
export const isEvent = (frame) => typeof frame.payload?.n === 'number';
