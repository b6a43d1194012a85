import { base64Text, toBase64 } from './base64.js';
import { eachString } from './json-strings.js';
import type { Secrets } from './secrets.js';
import { createStreamedText, type StreamedText } from './streamed-text.js';

/** The lines of one recording, on their way through a redaction. */
export interface RedactedLines {
  /** How many lines wait for what follows them. */
  readonly waiting: number;
  /** Takes a line, and gives back those that can be written, in their order: none, one or several. */
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
const encoded: ReadonlySet<string> = /* @__PURE__ */ new Set([
  'deltaBase64',
  'dataBase64',
  'chunk',
]);

/** Members that say what a line is and belongs to. */
const isId = (name: string): boolean =>
  /^(?:id|method|dir|sock|protocol|recording|startedAt|\w*(?:Id|_id|[tT]ype))$/.test(name);

const isThread = (name: string): boolean => /^(?:thread_?id|conversationId)$/i.test(name);

/** A method or a type of an event. */
const endsItem = /\bitem[/_.]completed$/m;

/** Looks at all members only where it must. */
const asksForSecrets = /"isSecret"\s*:\s*true/;

/** How long a line waits, in milliseconds of the recording; and how many, in lines and characters. */
const patience = 2_000;
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
    const later: ((id: string) => void)[] = [];
    let id = '';
    let thread = '';
    let from = 0;

    function put(start: number, end: number, literal: string): void {
      parts.push(text.slice(from, start), literal);
      from = end;
    }

    eachString(text, ({ value, start, end, isName, name, path }) => {
      const literal = text.slice(start, end);
      const isOfId = isName ? /^\w+$/.test(value) : isId(name);
      if (!isName && isOfId) id += `${value}\n`;
      if (isThread(name)) thread = value;
      const decoded =
        encoded.has(name) && secrets.find(value).length === 0 ? base64Text(value) : null;
      const plain = decoded ?? value;
      const write = (rest: string): string =>
        rest === plain ? literal : JSON.stringify(decoded === null ? rest : toBase64(rest));
      if (pieces.has(name)) {
        put(start, end, literal);
        const at = parts.length - 1;
        const key = path.join();
        later.push((id) => {
          const stream = streamOf(`${id}${key}`);
          line.streams.add(stream);
          line.waiting++;
          stream.push(plain, (rest) => {
            parts[at] = write(rest);
            line.waiting--;
          });
        });
        return;
      }
      const member = isAnswer(path) ? 'password' : name;
      const rest = secrets.cut(plain, isName ? undefined : member, isOfId);
      if (rest !== plain) put(start, end, write(rest));
    });
    parts.push(text.slice(from));
    for (const push of later) push(id);
    if (endsItem.test(id) && thread !== '') separate(thread);
    return line;
  }

  /** The texts of the legacy events of a turn have no id of their own: they end with their item. */
  function separate(thread: string): void {
    for (const [id, stream] of streams) if (id.includes(thread)) stream.separate();
  }

  /** Whether it is in `answers: { <a secret question>: { answers: [ … ] } }`. */
  function isAnswer(path: readonly string[]): boolean {
    if (secretQuestions.size === 0) return false;
    const [outer, question = '', inner] = path.slice(-3);
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

  function take(isLast: boolean): readonly string[] {
    const ready: string[] = [];
    for (let line = lines[0]; line !== undefined; line = lines[0]) {
      const isLate = now - line.t > patience || lines.length > maxLines || length > maxLength;
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
      return take(false);
    },
    flush: () => take(true),
  };
}
