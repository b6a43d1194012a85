import type { ConnectionError } from './connection-error.js';

/**
 * What the server says of what it stands for (of the codex behind a codex-manager): that it runs,
 * or that it died under a connection that still answers. `unknown`: it says nothing.
 */
export type Upstream = 'unknown' | 'up' | 'down';

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
      /** When it reached this phase: milliseconds since the epoch. */
      readonly since: number;
      readonly upstream: Upstream;
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

export const isReady = (
  status: ConnectionStatus,
): status is ConnectionStatus & { readonly state: 'open' } =>
  status.state === 'open' && status.phase === 'ready';
