import type { RecordedEntry, Recording, RecordingHeader } from './recording.js';
import { createReader } from './reader.js';

/**
 * Reads a whole recording. Empty lines are skipped. A last line that is cut off, as a crash leaves
 * it, is left out and reported as `cut`.
 *
 * @throws RecordingError that names the line and what is wrong with it.
 */
export function readRecording(text: string): Recording {
  const reader = createReader();
  const entries: RecordedEntry[] = [];
  for (const [line, isEnded] of linesOf(text)) {
    const entry = reader.read(line, isEnded);
    if (entry !== null) entries.push(entry);
  }
  const cut = reader.end();
  return { header: reader.header as RecordingHeader, entries, cut };
}

/** The lines of a text, and whether a newline ends them: the last may have none. */
export function* linesOf(text: string): Generator<readonly [line: string, isEnded: boolean]> {
  let from = 0;
  for (let to = text.indexOf('\n'); to !== -1; to = text.indexOf('\n', from)) {
    yield [text.slice(from, to), true];
    from = to + 1;
  }
  if (from < text.length) yield [text.slice(from), false];
}
