// What `#websocket` means in the bundles of ../in-process.mjs: frames are given to `frames.text`.

export const frames = {};

export function openWebSocket(_request, events) {
  Object.assign(frames, events);
  return { send() {}, close: (closed) => closed(), abandon() {} };
}

export const sendsHeaders = true;
export const frameBytes = null;
export const platformFetch = () => undefined;
