import { mustBeKnown } from '../../options/index.js';
import { text, type Captures } from './frame-match.js';
import { any } from './wildcard.js';

/** The captured values so far, by their names. */
export type CapturedValues = Readonly<Record<string, unknown>>;

/** A frame, or a function that makes it from the frame that was expected last. */
export type Emitted =
  | object
  | string
  | number
  | boolean
  | null
  | ((last: LastFrame, captured: CapturedValues) => unknown);

/** The last frame of the client that was expected, or the body of a call. */
export interface LastFrame {
  readonly id?: unknown;
  readonly method?: unknown;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly [member: string]: unknown;
}

/** How a call of the REST API is answered. */
export interface RestReply {
  readonly status: number;
  readonly body?: unknown;
}

/** How long this step may take, in ms; otherwise the `timeout` of the transcript. */
export interface StepOptions {
  readonly within?: number;
}

/** The path and the query of a handshake, and its headers by their names in lower case. */
export interface Handshake {
  readonly path?: unknown;
  readonly headers?: Readonly<Record<string, unknown>>;
}

type Awaited = Readonly<Record<'within', number | undefined>>;

/** One step of a transcript: an action that the client must take, or one of the server. */
export type Step =
  | ({ readonly does: 'connects'; readonly handshake: Handshake } & Awaited)
  | ({ readonly does: 'refuses'; readonly status: number } & Awaited)
  | ({ readonly does: 'expects'; readonly frame: unknown } & Awaited)
  | ({
      readonly does: 'expectsRest';
      readonly call: { readonly method: string; readonly path: unknown; readonly body?: unknown };
      /** `null`: a later step answers it. */
      readonly reply: RestReply | null;
    } & Awaited)
  | ({ readonly does: 'leaves' } & Awaited)
  | ({
      readonly does: 'inAnyOrder';
      readonly branches: readonly (readonly Step[])[];
    } & Awaited)
  | { readonly does: 'emits'; readonly frame: Emitted }
  | { readonly does: 'emitsText'; readonly data: string | Uint8Array }
  | { readonly does: 'replies'; readonly reply: RestReply; readonly to: string | undefined }
  | { readonly does: 'silence' | 'pauses'; readonly ms: number }
  | { readonly does: 'closes'; readonly code: number; readonly reason: string }
  | { readonly does: 'exits'; readonly how: number | NodeJS.Signals; readonly stderr: string };

export const firstConnection: Step = { does: 'connects', handshake: {}, within: undefined };

function withinOf(options: StepOptions): number | undefined {
  mustBeKnown('', options, ['within']);
  return options.within;
}

/**
 * The client connects; each connection but the first needs it. Only the named members of the
 * handshake are compared.
 */
export const connects = (handshake: Handshake = {}, options: StepOptions = {}): Step => ({
  does: 'connects',
  handshake,
  within: withinOf(options),
});

/** The client tries to connect, and is refused with an HTTP status. Not over stdio. */
export const refuses = (status: number, options: StepOptions = {}): Step => ({
  does: 'refuses',
  status,
  within: withinOf(options),
});

/**
 * The client sends a frame. Members that are not named may be anything, `undefined` expects that
 * there is none, and wildcards may stand anywhere. A frame that is not JSON is its text.
 */
export const expects = (frame: unknown, options: StepOptions = {}): Step => ({
  does: 'expects',
  frame,
  within: withinOf(options),
});

/**
 * The client calls the REST API, on the port of the websocket. Not over stdio.
 *
 * @param path With its query. Text, or a wildcard.
 * @param body What its JSON must be like, as in {@link expects}. Default: anything.
 * @param reply Its answer; `null` if {@link replies} gives it later. Default: 200 with `{}`.
 *
 * @example
 * expectsRest('POST', '/api/approvals/0/decision', { decision: 'accept' }, { status: 404 })
 */
export const expectsRest = (
  method: string,
  path: unknown,
  body?: unknown,
  reply: RestReply | null = { status: 200, body: {} },
  options: StepOptions = {},
): Step => ({
  does: 'expectsRest',
  call: { method, path, body },
  reply,
  within: withinOf(options),
});

/** Answers a call of the REST API: the oldest that waits, or the one with this path. */
export const replies = (status: number, body: unknown = {}, to?: string): Step => ({
  does: 'replies',
  reply: { status, body },
  to,
});

/** The client closes the connection, or the stdin of the process. */
export const leaves = (options: StepOptions = {}): Step => ({
  does: 'leaves',
  within: withinOf(options),
});

/**
 * Steps of the client that come in any order; each may be followed by the server's answer to it:
 * `inAnyOrder(expects(a), [expects(b), emits(c)])`.
 */
export const inAnyOrder = (...branches: readonly (Step | readonly Step[])[]): Step => ({
  does: 'inAnyOrder',
  branches: branches.map((branch) => ('does' in branch ? [branch] : branch)),
  within: undefined,
});

/**
 * The server sends a frame as JSON: a value, which may contain `captured`, or a function's result.
 */
export const emits = (frame: Emitted): Step => ({ does: 'emits', frame });

/** The server sends text, or bytes as a binary frame, unchanged. */
export const emitsText = (data: string | Uint8Array): Step => ({ does: 'emitsText', data });

/** The client sends nothing for this long, in ms, and neither connects nor leaves. */
export const silence = (ms: number): Step => ({ does: 'silence', ms });

/** The server does nothing for this long, in ms; the client's frames of this time come later. */
export const pauses = (ms: number): Step => ({ does: 'pauses', ms });

/**
 * The server closes the connection: with this close code, with none (1005), or without a close
 * frame (1006). Not over stdio.
 */
export const closes = (code = 1005, reason = ''): Step => ({ does: 'closes', code, reason });

/** The process exits with a code, or a signal ends it; `stderr` is written before. Stdio only. */
export const exits = (how: number | NodeJS.Signals, stderr = ''): Step => ({
  does: 'exits',
  how,
  stderr,
});

/** A step in a line. */
export function describeStep(step: Step, captures?: Captures): string {
  switch (step.does) {
    case 'connects':
      return `the client connects${text(step.handshake) === '{}' ? '' : ` with ${text(step.handshake, captures)}`}`;
    case 'refuses':
      return `the client is refused with ${step.status}`;
    case 'expects':
      return `expects ${text(step.frame, captures)}`;
    case 'expectsRest':
      return `expects ${describeCall(step.call, captures)}`;
    case 'leaves':
      return 'the client leaves';
    case 'inAnyOrder':
      return `in any order: ${step.branches.map(([first]) => describeStep(first ?? step, captures)).join('; ')}`;
    case 'emits':
      return `emits ${typeof step.frame === 'function' ? 'what a function makes' : text(step.frame, captures)}`;
    case 'emitsText':
      return `emits the ${typeof step.data === 'string' ? `text ${JSON.stringify(step.data)}` : 'bytes'}`;
    case 'replies':
      return `answers ${step.to ?? 'a REST call'} with ${step.reply.status}`;
    case 'silence':
      return `${step.ms} ms of silence`;
    case 'pauses':
      return `pauses ${step.ms} ms`;
    case 'closes':
      return `closes with ${step.code}`;
    case 'exits':
      return `exits with ${step.how}`;
  }
}

/** A call of the REST API in a line. */
export function describeCall(
  call: { readonly method: string; readonly path: unknown; readonly body?: unknown },
  captures?: Captures,
): string {
  const path = typeof call.path === 'string' ? call.path : text(call.path, captures);
  const body = call.body === undefined || call.body === any ? '' : ` ${text(call.body, captures)}`;
  return `${call.method} ${path}${body}`;
}
