import { messageOf } from '../text/index.js';

/** Where a stream writes what no subscriber hears: `console`, or anything with these two. */
export interface StreamLog {
  warn(message: string): void;
  error(message: string, error: unknown): void;
}

/** A log whose own errors harm nothing. */
export function safeLog(log: StreamLog | false): StreamLog {
  const attempt = (write: () => void) => {
    try {
      write();
    } catch {
      // There is nowhere left to report it.
    }
  };
  return {
    warn(message) {
      if (log)
        attempt(() => {
          log.warn(`codex-rx: ${message}`);
        });
    },
    error(message, error) {
      if (log)
        attempt(() => {
          log.error(`codex-rx: ${message}: ${messageOf(error)}`, error);
        });
    },
  };
}
