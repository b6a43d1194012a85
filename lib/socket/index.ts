export { createConnection, type Connection } from './connection.js';
export { ConnectionError, type ConnectionFault } from './connection-error.js';
export type { BackoffOptions } from './backoff.js';
export type { HeartbeatOptions } from './heartbeat.js';
export type { Link, LinkEnd, LinkEvents, LinkFault, LinkRequest, OpenLink } from './link.js';
export type { ConnectionStatus } from './status.js';
export { createTurns } from './turns.js';
