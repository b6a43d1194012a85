export { createConnection } from './connection.js';
export type { Connection } from './connection-contract.js';
export { ConnectionError, type ConnectionFault } from './connection-error.js';
export type { Fetch, FetchBody, FetchBodyReader, FetchRequest, FetchResponse } from './fetch.js';
export { isPlain, type FrameReader } from './frame-reader.js';
export { frameStrings } from './frame-strings.js';
export { readBody } from './read-body.js';
export { redirectOf } from './redirect.js';
export type { BackoffOptions } from './backoff.js';
export type { HeartbeatOptions } from './heartbeat.js';
export type {
  FrameFilter,
  Transport,
  TransportEnd,
  TransportEvents,
  TransportFault,
  TransportRequest,
  OpenTransport,
} from './transport.js';
export { networkHints, type NetworkHint } from './network-hints.js';
export { isReady, type ConnectionStatus, type Upstream } from './status.js';
