import { toBase64 } from './encoded.js';
import { leavesOf, pathOf, type JsonLeaf } from './json-leaves.js';
import { decodedLeaf, editsOf, isId } from './redacted-json.js';
import type { Secrets } from './secrets.js';
import { createStreamedText, type StreamedText } from './streamed-text.js';

/** The lines of one recording, on their way through a redaction. */
export interface RedactedLines {
  /** How many lines wait for what follows them. */
  readonly waiting: number;
  /**
   * Takes a line, and gives back those that can be written, in their order: none, one or several.
   */
  push(line: string): readonly string[];
  /** Gives back all lines that wait. */
  flush(): readonly string[];
}

interface Line {
  readonly t: number;
  readonly length: number;
  readonly parts: string[];
  /** The texts of which it has pieces, and how many of these wait. */
  readonly streams: Set<StreamedText>;
  waiting: number;
}

/** Text that comes in pieces: a member `delta`, or one of these, which are in base64. */
const pieces: ReadonlySet<string> = /* @__PURE__ */ new Set(['delta', 'deltaBase64', 'chunk']);

const isThread = (name: string): boolean => /^(?:thread_?id|conversationId)$/i.test(name);

/** A method or a type of an event. */
const endsItem = /\bitem[/_.]completed$/m;

/** Looks at all members only where it must. */
const asksForSecrets = /"isSecret"\s*:\s*true/;

/**
 * How long a line waits, in milliseconds of the recording; and how many, in lines and characters.
 */
const maxDelay = 2_000;
const maxLines = 1_000;
const maxLength = 2 ** 22;

/** How many texts may come in pieces at once. */
const maxStreams = 1_000;

export function redactLines(secrets: Secrets): RedactedLines {
  const lines: Line[] = [];
  const streams = new Map<string, StreamedText>();
  /** The ids of questions whose answers are secret. */
  const secretQuestions = new Set<string>();
  let length = 0;
  let now = 0;

  const lineOf = (text: string, parts: string[]): Line => ({
    t: now,
    length: text.length,
    parts,
    streams: new Set(),
    waiting: 0,
  });

  function read(text: string): Line {
    try {
      const { t } = JSON.parse(text, asksForSecrets.test(text) ? learn : undefined) as {
        readonly t?: unknown;
      };
      if (typeof t === 'number') now = t;
    } catch {
      return lineOf(text, [secrets.cut(text)]);
    }
    return redacted(text);
  }

  function learn(_name: string, value: unknown): unknown {
    const { isSecret, id } = Object(value) as {
      readonly isSecret?: unknown;
      readonly id?: unknown;
    };
    if (isSecret === true && typeof id === 'string') secretQuestions.add(id);
    return value;
  }

  function redacted(text: string): Line {
    const line = lineOf(text, []);
    const { parts } = line;
    const leaves = leavesOf(text);
    const inPieces = leaves.filter(({ kind, name }) => kind === 'string' && pieces.has(name));
    const whole = leaves.filter((leaf) => !inPieces.includes(leaf));
    const ids = leaves.filter(({ kind, name }) => kind !== 'name' && isId(name));
    const id = ids.map(({ value }) => `${value}\n`).join('');
    const thread = leaves.filter(({ name }) => isThread(name)).at(-1)?.value ?? '';

    let from = 0;
    const edits = [...editsOf(whole, secrets, isAnswer), ...inPieces];
    for (const edit of edits.sort((a, b) => a.start - b.start)) {
      const { start, end } = edit;
      parts.push(text.slice(from, start), 'literal' in edit ? edit.literal : '');
      from = end;
      if ('literal' in edit) continue;
      const at = parts.length - 1;
      const decoded = decodedLeaf(edit, secrets);
      const stream = streamOf(`${id}${pathOf(edit).join()}`);
      line.streams.add(stream);
      line.waiting++;
      stream.push(decoded ?? edit.value, (rest) => {
        const isSame = rest === (decoded ?? edit.value);
        const changed = () => JSON.stringify(decoded === null ? rest : toBase64(rest));
        parts[at] = isSame ? text.slice(start, end) : changed();
        line.waiting--;
      });
    }
    parts.push(text.slice(from));
    if (endsItem.test(id) && thread !== '') separate(thread);
    return line;
  }

  /** The texts of the legacy events of a turn have no ids: they end with their item. */
  function separate(thread: string): void {
    for (const [id, stream] of streams) if (id.includes(thread)) stream.separate();
  }

  /** Whether it is in `answers: { <a secret question>: { answers: [ … ] } }`. */
  function isAnswer(leaf: JsonLeaf): boolean {
    if (secretQuestions.size === 0) return false;
    const [outer, question = '', inner] = pathOf(leaf).slice(-3);
    return outer === 'answers' && inner === 'answers' && secretQuestions.has(question);
  }

  function streamOf(id: string): StreamedText {
    const stream = streams.get(id) ?? createStreamedText(secrets);
    // To the end of the line: the one in front was silent longest.
    streams.delete(id);
    streams.set(id, stream);
    if (streams.size > maxStreams) {
      const [[oldest, forgotten]] = streams as unknown as [[string, StreamedText]];
      forgotten.flush();
      streams.delete(oldest);
    }
    return stream;
  }

  function release(isLast: boolean): readonly string[] {
    const ready: string[] = [];
    for (let line = lines[0]; line !== undefined; line = lines[0]) {
      const isLate = now - line.t > maxDelay || lines.length > maxLines || length > maxLength;
      if (isLate || isLast) for (const stream of line.streams) stream.flush();
      if (line.waiting > 0) break;
      ready.push(line.parts.join(''));
      length -= line.length;
      lines.shift();
    }
    return ready;
  }

  return {
    get waiting() {
      return lines.length;
    },
    push(text) {
      const line = read(text);
      lines.push(line);
      length += line.length;
      return release(false);
    },
    flush: () => release(true),
  };
}
