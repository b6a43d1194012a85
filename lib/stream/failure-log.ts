import { isReady, type ConnectionError, type ConnectionStatus } from '../socket/index.js';
import { writeLog, type StreamLog } from '../text/index.js';

/** Writes the first failure to connect, and each change of its reason. */
export interface FailureLog {
  observe(status: ConnectionStatus): void;
  /** Why the last attempt to connect failed; `null` once the stream was ready. */
  readonly last: () => ConnectionError | null;
}

export function createFailureLog(log: StreamLog | false): FailureLog {
  let last: ConnectionError | null = null;
  return {
    observe(status) {
      if (isReady(status)) last = null;
      if (status.state !== 'waiting' && status.state !== 'closed') return;
      const { error } = status;
      if (error === null || error.message === last?.message) return;
      last = error;
      writeLog(log, error.message);
    },
    last: () => last,
  };
}
