/** One line of a recorded session with codex-manager. */
export interface RecordedFrame {
  /** When, in milliseconds since the recording began. */
  readonly t: number;
  /** The name of the socket. */
  readonly sock: string;
  /** `in` is what the server sent, `out` what the client sent; the rest is around it. */
  readonly dir: 'in' | 'out' | 'http' | 'close' | 'note';
  readonly frame?: unknown;
}

/**
 * Reads a recording: one JSON object a line.
 *
 * @throws SyntaxError that names the line that is none.
 */
export function readRecording(jsonl: string): readonly RecordedFrame[] {
  return jsonl
    .split('\n')
    .map((line, index) => [line.trim(), index + 1] as const)
    .filter(([line]) => line !== '')
    .map(([line, number]) => {
      try {
        const entry = JSON.parse(line) as RecordedFrame;
        if (typeof entry.t === 'number' && typeof entry.dir === 'string') return entry;
      } catch {
        // What is wrong is told below, with the line.
      }
      throw new SyntaxError(
        `Line ${number} of the recording is no recorded frame: ${line.slice(0, 80)}`,
      );
    });
}
