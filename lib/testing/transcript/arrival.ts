import { differences, text, type Captures, type Difference } from './frame-match.js';
import { describeStep, describeCall, type RestReply, type Step } from './step.js';

/** A call of the REST API that waits for its answer. */
export interface UnansweredCall {
  readonly path: string;
  readonly reply: (reply: RestReply) => void;
}

/** The client of a connection, as the player of a transcript uses it. */
export interface PlayedClient {
  send(data: string | Uint8Array): void;
  close(code: number, reason: string): void;
  /** Ends the process that plays the transcript. */
  exit(how: number | NodeJS.Signals, stderr: string): void;
  /** Drops it: the transcript has failed. */
  drop(): void;
}

/** What a client does. */
export type Arrival =
  | {
      readonly what: 'connects';
      readonly handshake: { readonly path: string; readonly headers: object };
      readonly accept: (accepted: (peer: PlayedClient) => void) => void;
      readonly refuse: (status: number) => void;
    }
  | { readonly what: 'sends'; readonly frame: unknown }
  | {
      readonly what: 'calls';
      readonly call: { readonly method: string; readonly path: string; readonly body: unknown };
      readonly reply: (reply: RestReply) => void;
    }
  | { readonly what: 'leaves'; readonly how: string };

/** An arrival in words. */
export function describeArrival(arrival: Arrival): string {
  switch (arrival.what) {
    case 'connects':
      return 'the client connected';
    case 'sends':
      return `the client sent ${text(arrival.frame)}`;
    case 'calls':
      return `the client called ${describeCall(arrival.call)}`;
    case 'leaves':
      return `the client left (${arrival.how})`;
  }
}

/** Both sides of what a client was expected to do, and where they differ: nowhere if it fits. */
export interface Comparison {
  readonly expected: string;
  readonly received: string;
  readonly differences: readonly Difference[];
}

/**
 * Compares what a client did with a step that waits for that kind of thing; `null` for another
 * kind.
 *
 * @param captures Gets what the step captures, if it fits.
 */
export function compare(step: Step, arrival: Arrival, captures: Captures): Comparison | null {
  const [expected, received] = sidesOf(step, arrival) ?? [];
  if (expected === undefined) return null;
  const tried = new Map(captures);
  const found = differences(expected, received, tried);
  const comparison = {
    expected: describeStep(step, captures).replace(/^expects /, ''),
    received: describeArrival(arrival).replace(/^the client (sent|called) /, ''),
    differences: found,
  };
  if (found.length === 0) for (const [name, value] of tried) captures.set(name, value);
  return comparison;
}

function sidesOf(step: Step, arrival: Arrival): readonly [object, unknown] | null {
  switch (arrival.what) {
    case 'connects':
      if (step.does === 'refuses') return [{}, {}];
      return step.does === 'connects' ? [step.handshake, arrival.handshake] : null;
    case 'sends':
      return step.does === 'expects' ? [[step.frame], [arrival.frame]] : null;
    case 'calls':
      return step.does === 'expectsRest' ? [definedIn(step.call), arrival.call] : null;
    case 'leaves':
      return step.does === 'leaves' ? [{}, {}] : null;
  }
}

/** A body that is not named may be anything. */
const definedIn = (call: object): object =>
  Object.fromEntries(Object.entries(call).filter(([, value]) => value !== undefined));

/** Answers a client's housekeeping; `null` for anything else. */
export function housekeeping(arrival: Arrival): ((peer: PlayedClient | null) => void) | null {
  if (arrival.what === 'calls') {
    const { method, path } = arrival.call;
    if (method !== 'GET' || !/^\/api\/health(\?|$)/.test(path)) return null;
    const reply = { status: 200, body: { status: 'ok', codex: { running: true } } };
    return () => {
      arrival.reply(reply);
    };
  }
  if (arrival.what !== 'sends') return null;
  const { type, id } = Object(arrival.frame) as { type?: unknown; id?: unknown };
  const isPing = type === 'ping' || id === 'codex-rx.ping';
  const pong = type === 'ping' ? { type: 'pong' } : { id, result: { data: [], nextCursor: null } };
  return isPing ? (peer) => peer?.send(JSON.stringify(pong)) : null;
}

/** Whether one of these steps waits for this arrival. */
export const isAwaited = (arrival: Arrival, steps: readonly Step[], captures: Captures): boolean =>
  steps
    .flatMap((step) => (step.does === 'inAnyOrder' ? step.branches.flat() : [step]))
    .some((step) => compare(step, arrival, new Map(captures))?.differences.length === 0);

/** Ends a call or handshake that no step will answer. */
export function dismiss(arrival: Arrival): void {
  if (arrival.what === 'connects') arrival.refuse(503);
  else if (arrival.what === 'calls') arrival.reply({ status: 404 });
}
