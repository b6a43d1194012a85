import { mustBe } from '../options/index.js';
import {
  closes,
  connects,
  emits,
  emitsText,
  exits,
  expects,
  expectsRest,
  replies,
  type Emitted,
  type Step,
} from './transcript-step.js';
import { createVolatile } from './volatile.js';
import { any, captured, exactly } from './wildcard.js';

/** As much of an entry of a recording as a transcript is made of. */
export interface RecordedEntry {
  /** When, in ms since the recording began; for an `http` entry, when its answer came. */
  readonly t?: number;
  /** The name of the socket, or of the `client`. */
  readonly sock?: string;
  readonly client?: string;
  /** `in` is what the server sent, `out` what the client sent. Other kinds than these are left out. */
  readonly dir: 'in' | 'out' | 'http' | 'close' | (string & {});
  readonly frame?: unknown;
  /** In the place of `frame`: what is not JSON. */
  readonly raw?: string;
  /** The close code of a `close` entry, or the exit code of a process. */
  readonly code?: number;
  readonly method?: string;
  readonly path?: string;
  readonly body?: unknown;
  readonly status?: number;
  readonly response?: unknown;
  /** How long the answer took, in ms. */
  readonly ms?: number;
}

export interface TranscriptOfOptions {
  /**
   * The socket, or several that were open one after the other: each is a connection. Default: the only
   * one that the recording has.
   */
  readonly sock?: string | readonly string[];
  /** Whether the calls of the REST API are part of it. Default: true. */
  readonly rest?: boolean;
  /** How it is played: over stdio, a connection ends with the exit of its process. Default: `websocket`. */
  readonly over?: 'websocket' | 'stdio';
}

/**
 * The transcript of a recording: what the client sent is expected of it, what the server sent is
 * emitted, a connection that ended is closed. A client that does what the recorded one did keeps to it:
 *
 * - the ids of its calls are its own, and its `initialize` says of itself what it likes;
 * - uuids and times that it made up are its own too, and what the server says of them follows it;
 * - everything else that it sends is expected exactly.
 *
 * @throws TypeError that names the socket if there is none such, or if one has to be chosen.
 *
 * @example
 * const server = await startTranscript(transcriptOf(recording, { sock: 'A' }));
 */
export function transcriptOf(
  recording: readonly RecordedEntry[],
  { sock, rest = true, over = 'websocket' }: TranscriptOfOptions = {},
): readonly Step[] {
  const entries = inOrder(recording, socksOf(recording, sock), rest && over === 'websocket');
  const ends = (code: number) =>
    over === 'websocket' ? closes(code) : exits(code < 256 ? code : 0);
  const { known, expected, emitted } = createVolatile();
  const steps: Step[] = [];
  let current: string | undefined;
  let isClosed = false;
  /** Which call is answered, unless the client makes up its path. */
  const toPath = (path = '') => (expected(path) === path ? path : undefined);
  for (const [kind, entry] of entries) {
    const name = nameOf(entry);
    if ((kind === 'in' || kind === 'out') && (isClosed || (current ?? name) !== name)) {
      if (!isClosed) steps.push(ends(1006));
      steps.push(connects());
      isClosed = false;
    }
    if (kind !== 'call' && kind !== 'reply') current = name;
    switch (kind) {
      case 'in':
        known(entry.frame);
        steps.push(isText(entry) ? emitsText(entry.raw) : emits(served(emitted(entry.frame))));
        break;
      case 'out':
        steps.push(expects(isText(entry) ? rawText(entry.raw) : sent(expected(entry.frame))));
        break;
      case 'close':
        if (!isClosed) steps.push(ends(closeCode(entry)));
        isClosed = true;
        break;
      case 'call': {
        const { method = 'GET', path = '', body } = entry;
        const like = body === undefined || body === null ? undefined : exactly(expected(body));
        steps.push(expectsRest(method, expected(path), like, null));
        break;
      }
      case 'reply':
        known(entry.response);
        steps.push(replies(entry.status ?? 200, emitted(entry.response), toPath(entry.path)));
    }
  }
  return steps;
}

type Kind = 'in' | 'out' | 'close' | 'call' | 'reply';

/** What happened, in the order in which it did; a call of the REST API began before its answer. */
function inOrder(
  recording: readonly RecordedEntry[],
  socks: readonly (string | undefined)[],
  rest: boolean,
): readonly (readonly [Kind, RecordedEntry])[] {
  const timed: (readonly [t: number, Kind, RecordedEntry])[] = [];
  for (const entry of recording) {
    const { dir, t = 0, ms = 0 } = entry;
    if (dir === 'http' && rest) timed.push([t - ms, 'call', entry], [t, 'reply', entry]);
    else if (dir === 'http' || !socks.includes(nameOf(entry))) continue;
    else if (dir === 'in' || dir === 'out') timed.push([t, dir as Kind, entry]);
    else if (dir === 'close' || isClose(entry)) timed.push([t, 'close', entry]);
  }
  // Sorting is stable: what happened in the same millisecond stays as it is.
  return timed.sort(([a], [b]) => a - b).map(([, kind, entry]) => [kind, entry]);
}

function socksOf(
  recording: readonly RecordedEntry[],
  chosen: TranscriptOfOptions['sock'],
): readonly (string | undefined)[] {
  const frames = recording.filter(({ dir }) => dir === 'in' || dir === 'out');
  const all = [...new Set(frames.map(nameOf))];
  if (chosen === undefined) {
    mustBe(all.length < 2, 'sock', `one of ${all.join(', ')}`);
    return all;
  }
  const names = typeof chosen === 'string' ? [chosen] : chosen;
  for (const name of names) mustBe(all.includes(name), 'sock', `one of ${all.join(', ')}`, name);
  return names;
}

const nameOf = ({ sock, client }: RecordedEntry): string | undefined => sock ?? client;

const isText = (entry: RecordedEntry): entry is RecordedEntry & { readonly raw: string } =>
  typeof entry.raw === 'string';

/** Bytes are not in the recording, only how many they were. */
const rawText = (raw: string): unknown => (raw.startsWith('<binary ') ? any : raw);

interface Message {
  readonly id?: unknown;
  readonly method?: string;
}

/** What a client sent. The ids of its calls are its own. */
function sent(frame: unknown): unknown {
  const { id, method } = Object(frame) as Message;
  if (method === 'initialize') return { id: callId(id), method };
  const isCall = id !== undefined && method !== undefined;
  return exactly(isCall ? { ...(frame as object), id: callId(id) } : frame);
}

/** What a server sent. Its answers have the ids that the client has given its calls. */
function served(frame: unknown): Emitted {
  const { id, method } = Object(frame) as Message;
  const isAnswer = id !== undefined && method === undefined && typeof frame === 'object';
  return isAnswer ? { ...frame, id: callId(id) } : (frame as Emitted);
}

const callId = (id: unknown) => captured(`call ${String(id)}`);

interface WsClose {
  readonly wsClose?: { readonly code: number };
}

const isClose = ({ frame }: RecordedEntry): boolean =>
  (Object(frame) as WsClose).wsClose !== undefined;

const closeCode = ({ code, frame }: RecordedEntry): number =>
  code ?? (Object(frame) as WsClose).wsClose?.code ?? 1005;
