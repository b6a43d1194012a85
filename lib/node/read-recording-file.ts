import { createReadStream } from 'node:fs';

/** How much is read at once, in bytes. */
const highWaterMark = 2 ** 18;

/**
 * Reads a recording from a file, as far as it is asked for: whole lines, many in a piece, for
 * `replay`. Memory is used for one piece, however large the file is. A file that cannot be read is
 * an error of the iteration, and so of the replay.
 *
 * @example
 * replay(readRecordingFile('session.jsonl'), { speed: Infinity }).subscribe(show);
 */
export const readRecordingFile = (path: string): AsyncIterable<string> => ({
  [Symbol.asyncIterator]: () => read(path),
});

async function* read(path: string): AsyncGenerator<string, void, undefined> {
  /** What came of a line whose end has not come yet. */
  let rest: string[] = [];
  for await (const chunk of createReadStream(path, { encoding: 'utf8', highWaterMark })) {
    const text = chunk as string;
    const end = text.lastIndexOf('\n') + 1;
    if (end === 0) rest.push(text);
    else {
      yield rest.join('') + text.slice(0, end);
      rest = [text.slice(end)];
    }
  }
  const last = rest.join('');
  if (last !== '') yield last;
}
