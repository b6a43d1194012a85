import { forConsole } from './for-console.js';
import { visibleText } from './visible.js';

/** Where a stream writes what no subscriber hears: `console`, or anything with these two. */
export interface StreamLog {
  warn(message: string): unknown;
  error(message: string, error: unknown): unknown;
}

/**
 * Writes to a log, or nowhere if it is `false`. A log that throws, or rejects, harms nothing. The
 * message, and what a console writes of the error, have no controls; a log of another kind gets
 * the error as it is.
 */
export function writeLog(log: StreamLog | false, message: string, ...errors: [] | [unknown]): void {
  if (!log) return;
  const text = `codex-rx: ${visibleText(message)}`;
  try {
    const [error] = errors;
    const written =
      errors.length === 0
        ? log.warn(text)
        : log.error(text, log === console ? forConsole(error) : error);
    Promise.resolve(written).catch(() => undefined);
  } catch {
    // There is nowhere left to report it.
  }
}
