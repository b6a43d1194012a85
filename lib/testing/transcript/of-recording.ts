import { mustBe, mustBeKnown } from '../../options/index.js';
import type { RecordedEntry, Recording } from '../../recording/index.js';
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
} from './step.js';
import { createVolatile } from './volatile.js';
import { captured, exactly } from './wildcard.js';

/** An entry of a recording, with more members for a call or a close. */
export interface TranscriptEntry extends Omit<RecordedEntry, 't'> {
  /**
   * When, in ms since the recording began; for an `http` entry, when its answer came.
   *
   * @default 0
   */
  readonly t?: number;
  /** The close code of a `close` entry, or the exit code of a process. */
  readonly code?: number;
  readonly method?: string;
  readonly path?: string;
  readonly body?: unknown;
  readonly status?: number;
  readonly response?: unknown;
  /** The duration of the call, in ms. */
  readonly ms?: number;
}

/** Which part of a recording becomes the transcript. */
export interface TranscriptOfOptions {
  /**
   * The socket, or several that were open one after the other: each is a connection.
   *
   * @default the only one that the recording has
   */
  readonly sock?: string | readonly string[];
  /**
   * Whether the calls of the REST API are part of it.
   *
   * @default true
   */
  readonly rest?: boolean;
  /**
   * How it is played: over stdio, a connection ends with the exit of its process. Default:
   * `websocket`.
   */
  readonly over?: 'websocket' | 'stdio';
}

/**
 * The transcript of a recording: frames of the client are expected, frames of the server are
 * emitted, a connection that ended is closed. A client may differ from the recorded one in this:
 *
 * - the ids of its calls, and the params of its `initialize`;
 * - uuids and times that it generates; the server's frames follow them.
 *
 * Everything else that it sends is expected exactly.
 *
 * @throws TypeError that names the socket if there is none such, or if one has to be chosen.
 *
 * @example
 * const server = await startTranscript(transcriptOf(readRecording(text), { sock: 'A' }));
 */
export function transcriptOf(
  recording: Recording | readonly TranscriptEntry[],
  options: TranscriptOfOptions = {},
): readonly Step[] {
  mustBeKnown('', options, ['sock', 'rest', 'over']);
  const { sock, rest = true, over = 'websocket' } = options;
  const all: readonly TranscriptEntry[] = 'header' in recording ? recording.entries : recording;
  const entries = inOrder(all, socksOf(all, sock), rest && over === 'websocket');
  const ends = (code = 1005) =>
    over === 'websocket' ? closes(code) : exits(code < 256 ? code : 0);
  const { known, expected, emitted } = createVolatile();
  const steps: Step[] = [];
  let current: string | undefined;
  let isClosed = false;
  /** Which call is answered, unless its path holds a generated value. */
  const toPath = (path = '') => (expected(path) === path ? path : undefined);
  for (const [kind, entry] of entries) {
    const name = entry.sock;
    if ((kind === 'in' || kind === 'out') && (isClosed || (current ?? name) !== name)) {
      if (!isClosed) steps.push(ends(1006));
      steps.push(connects());
      isClosed = false;
    }
    if (kind !== 'call' && kind !== 'reply') current = name;
    switch (kind) {
      case 'in':
        known(entry.frame);
        steps.push(
          entry.text === undefined
            ? emits(emittedFrame(emitted(entry.frame)))
            : emitsText(entry.text),
        );
        break;
      case 'out':
        steps.push(expects(entry.text ?? expectedFrame(expected(entry.frame))));
        break;
      case 'close':
        if (!isClosed) steps.push(ends(entry.code));
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

/** The entries in their order; a call of the REST API began before its answer. */
function inOrder(
  recording: readonly TranscriptEntry[],
  socks: readonly (string | undefined)[],
  rest: boolean,
): readonly (readonly [Kind, TranscriptEntry])[] {
  const timed: (readonly [t: number, Kind, TranscriptEntry])[] = [];
  for (const entry of recording) {
    const { dir, t = 0, ms = 0 } = entry;
    if (dir === 'http' && rest) timed.push([t - ms, 'call', entry], [t, 'reply', entry]);
    else if (dir === 'http' || !socks.includes(entry.sock)) continue;
    else if (dir === 'in' || dir === 'out') timed.push([t, dir, entry]);
    else if (dir === 'close') timed.push([t, 'close', entry]);
  }
  // Sorting is stable: entries of the same millisecond keep their order.
  return timed.sort(([a], [b]) => a - b).map(([, kind, entry]) => [kind, entry]);
}

function socksOf(
  recording: readonly TranscriptEntry[],
  chosen: TranscriptOfOptions['sock'],
): readonly (string | undefined)[] {
  const frames = recording.filter(({ dir }) => dir === 'in' || dir === 'out');
  const all = [...new Set(frames.map(({ sock }) => sock))];
  if (chosen === undefined) {
    mustBe(all.length < 2, 'sock', `one of ${all.join(', ')}`);
    return all;
  }
  const names = typeof chosen === 'string' ? [chosen] : chosen;
  for (const name of names) mustBe(all.includes(name), 'sock', `one of ${all.join(', ')}`, name);
  return names;
}

interface Message {
  readonly id?: unknown;
  readonly method?: string;
}

/** A frame of the client. The ids of its calls may be any. */
function expectedFrame(frame: unknown): unknown {
  const { id, method } = Object(frame) as Message;
  if (method === 'initialize') return { id: callId(id), method };
  const isCall = id !== undefined && method !== undefined;
  return exactly(isCall ? { ...(frame as object), id: callId(id) } : frame);
}

/** A frame of the server. Its answers have the ids of the client's calls. */
function emittedFrame(frame: unknown): Emitted {
  const { id, method } = Object(frame) as Message;
  const isAnswer = id !== undefined && method === undefined && typeof frame === 'object';
  return isAnswer ? { ...frame, id: callId(id) } : (frame as Emitted);
}

const callId = (id: unknown) => captured(`call ${String(id)}`);
