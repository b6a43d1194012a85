import { messageOf, visibleText } from '../text/index.js';
import type { TransportEnd } from './transport.js';

/**
 * Why there is no connection:
 * - `refused`: the server answered the handshake with an HTTP status other than 101, or the
 *   handshake of its protocol with an error;
 * - `unreachable`: there was no answer;
 * - `lost`: the socket closed, or broke;
 * - `timeout`: the connection was not ready in time;
 * - `silent`: the peer did not answer a ping in time;
 * - `options`: the url or the headers could not be had, or cannot be used.
 */
export type ConnectionFault = 'refused' | 'unreachable' | 'lost' | 'timeout' | 'silent' | 'options';

/**
 * What ended a connection or an attempt. It never holds a header, a token or a query string; what a
 * child process said last is quoted.
 */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';

  constructor(
    readonly kind: ConnectionFault,
    message: string,
    /** Whether trying again is of no use. */
    readonly permanent: boolean,
    /**
     * The HTTP status or the error code (`refused`), the close or exit code (`lost`), or `null`.
     */
    readonly code: number | null = null,
    options?: ErrorOptions,
  ) {
    super(visibleText(message), options);
  }
}

/** HTTP statuses that may pass, among those that otherwise refuse for good. */
const temporary = [408, 425, 429];

/** Close codes that say that the two do not speak the same protocol. */
const protocolErrors = [1002, 1003, 1007, 1010];

/** How much of what a process said last is enough to show why it exited. */
const saidLines = 5;

/** What programs in Rust end with, Codex too; it would take the place of what is wrong. */
const backtrace = /^Stack backtrace:\n.*/ms;

/** What the end of a link means. */
export function endOf(end: TransportEnd, wasOpen: boolean): ConnectionError {
  switch (end.kind) {
    case 'refused': {
      const permanent = end.status < 500 && !temporary.includes(end.status);
      const message = `The server refused the websocket${whyRefused(end)}.`;
      return new ConnectionError('refused', message, permanent, end.status);
    }
    case 'failed': {
      const what = wasOpen ? 'The connection broke' : 'The server cannot be reached';
      const message = `${what}: ${messageOf(end.error)}.`;
      const kind = wasOpen ? 'lost' : 'unreachable';
      const { error: cause, permanent = false } = end;
      // The bytes that Node cannot read as HTTP: our own headers, if somebody says everything back.
      Reflect.deleteProperty(Object(cause) as object, 'rawPacket');
      return new ConnectionError(kind, message, permanent, null, { cause });
    }
    case 'exited': {
      const how = end.signal === null ? `code ${end.code}` : `signal ${end.signal}`;
      const lines = end.stderr.replace(backtrace, '').split(/\r?\n/);
      const said = lines.filter((line) => line.trim() !== '').slice(-saidLines);
      const quoted = said.length === 0 ? '.' : `: ${said.join('\n').trim()}`;
      const message = `The process exited (${how})${quoted}`;
      return new ConnectionError(wasOpen ? 'lost' : 'unreachable', message, false, end.code);
    }
    case 'closed': {
      const reason = end.reason && `, "${end.reason}"`;
      const message = `The server closed the connection (code ${end.code}${reason}).`;
      return new ConnectionError('lost', message, protocolErrors.includes(end.code), end.code);
    }
  }
}

function whyRefused(end: TransportEnd & { readonly kind: 'refused' }): string {
  if (end.reason !== undefined) return `: ${end.reason}`;
  const target = end.location && `: it redirects to ${end.location}, which is not followed`;
  return ` with HTTP status ${end.status}${target ?? ''}`;
}

/** What the options gave cannot be used: `permanent` if it would be given again. */
export function unusable(cause: unknown, permanent: boolean): ConnectionError {
  const message = `Cannot connect: ${messageOf(cause)}`;
  return new ConnectionError('options', message, permanent, null, { cause });
}
