import type { ConnectionError } from './connection-error.js';

/**
 * The state of a connection.
 *
 * `idle` → `connecting` → `open` (first `opened`, then `ready`: only now the server is known to
 * send) → `waiting` → `connecting` …, and from anywhere → `closed`, which is the end.
 */
export type ConnectionStatus =
  | { readonly state: 'idle' }
  | {
      readonly state: 'connecting';
      /** 1 for the first try since the connection was last stable, then 2, 3, …. */
      readonly attempt: number;
    }
  | {
      readonly state: 'open';
      readonly phase: 'opened' | 'ready';
      /** The number of this connection: 1, 2, …. */
      readonly connection: number;
      /** When it opened: milliseconds since the epoch. */
      readonly since: number;
    }
  | {
      readonly state: 'waiting';
      /** The number of the attempt that comes next. */
      readonly attempt: number;
      /** How long until then, in milliseconds. */
      readonly delay: number;
      /** Why the last attempt, or the connection, ended. */
      readonly error: ConnectionError;
    }
  | {
      readonly state: 'closed';
      /** Who ended it: `close()`, the `signal`, or a failure that trying again does not mend. */
      readonly reason: 'closed' | 'aborted' | 'failed';
      readonly error: ConnectionError | null;
    };
