/** Where a stream writes what no subscriber hears: `console`, or anything with these two. */
export interface StreamLog {
  warn(message: string): unknown;
  error(message: string, error: unknown): unknown;
}

/** Writes to a log, or nowhere if it is `false`. A log that throws, or rejects, harms nothing. */
export function writeLog(log: StreamLog | false, message: string, ...errors: [] | [unknown]): void {
  if (!log) return;
  const text = `codex-rx: ${message}`;
  try {
    const written = errors.length > 0 ? log.error(text, errors[0]) : log.warn(text);
    Promise.resolve(written).catch(() => undefined);
  } catch {
    // There is nowhere left to report it.
  }
}
