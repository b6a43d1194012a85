import { Subscription, timer } from 'rxjs';
import { fill, type Captures } from './frame-match.js';
import {
  compare,
  housekeeping,
  isAwaited,
  describeArrival,
  dismiss,
  type Arrival,
  type PlayedClient,
  type UnansweredCall,
} from './arrival.js';
import { transcriptError, type TranscriptFault } from './error.js';
import { differing, overdue, shorten, unexpected, unexpectedInGroup } from './report.js';
import { isOfServer } from './rules.js';
import { firstConnection, type RestReply, type Step } from './step.js';

export interface PlayerSettings {
  /** How long to wait for the client at a step, in ms. */
  readonly timeout: number;
  /** Whether pings and health checks are answered that no step waits for. */
  readonly housekeeping: boolean;
  /** Called when the transcript has failed: the server is of no more use. */
  readonly failed: () => void;
}

/** Plays the server's part of a transcript, and checks the client's part. */
export interface Player {
  /** Begins to wait for the client. */
  readonly start: () => void;
  readonly observe: (arrival: Arrival) => void;
  /** Settles when every step was played, or one failed, or a frame came after the last. */
  readonly done: () => Promise<void>;
  readonly stop: () => void;
}

/** @param given The steps. The first connection needs none. */
export function createPlayer(given: readonly Step[], settings: PlayerSettings): Player {
  const isConnected = given[0]?.does === 'connects' || given[0]?.does === 'refuses';
  const steps: readonly Step[] = isConnected ? given : [{ ...firstConnection }, ...given];
  const offset = isConnected ? 1 : 0;
  const captures: Captures = new Map();
  /** Arrivals that no step has looked at. */
  const inbox: Arrival[] = [];
  /** Calls that a later step answers. */
  const unanswered: UnansweredCall[] = [];
  /** The rest of the branches of the group that is played. */
  let branches: (readonly Step[])[] | null = null;
  let at = 0;
  let peer: PlayedClient | null = null;
  let lastFrame: unknown = null;
  let wait = Subscription.EMPTY;
  /** Whether the time of the current step was set, and whether it is over. */
  let time: 'unset' | 'running' | 'over' = 'unset';
  let outcome: 'played' | 'failed' | null = null;
  let settle: (error: Error | null) => void = () => undefined;
  const settled = new Promise<void>((resolve, reject) => {
    settle = (error) => {
      if (error) reject(error);
      else resolve();
    };
  });
  // Without a call of `done()`, a failure must not be an unhandledRejection.
  settled.catch(() => undefined);

  function advance(): void {
    while (outcome === null) {
      const step = steps[at];
      if (step === undefined) {
        outcome = 'played';
        settle(null);
      } else if (!play(step)) return;
      else {
        wait.unsubscribe();
        time = 'unset';
        branches = null;
        at++;
      }
    }
  }

  /** Whether the step is done. */
  function play(step: Step): boolean {
    if (isOfServer(step)) return act(step);
    if ('within' in step) return awaits(step);
    if (step.does === 'silence' && inbox[0]) return fail(unexpected(inbox[0], step, captures));
    return hasPassed(step.ms);
  }

  function hasPassed(ms: number): boolean {
    if (time === 'unset') {
      time = 'running';
      wait = timer(ms).subscribe(() => {
        time = 'over';
        advance();
      });
    }
    return time === 'over';
  }

  /** Waits for the client. */
  function awaits(step: Extract<Step, { readonly within: unknown }>): boolean {
    const ms = step.within ?? settings.timeout;
    while (outcome === null) {
      const arrival = inbox.shift();
      if (!arrival) return hasPassed(ms) && fail(overdue(ms, awaited(), captures), 'overdue');
      if (step.does === 'inAnyOrder') {
        branches ??= [...step.branches];
        if (consumeInGroup(arrival) && branches.every(({ length }) => length === 0)) return true;
      } else {
        const comparison = compare(step, arrival, captures);
        if (comparison?.differences.length === 0) return consume(step, arrival);
        if (comparison) return fail(differing(step, comparison), 'different');
        return fail(unexpected(arrival, step, captures));
      }
    }
    return false;
  }

  /** Gives an arrival to the first branch that waits for it, and plays the server's steps there. */
  function consumeInGroup(arrival: Arrival): boolean {
    const open = (branches ?? []).filter(({ length }) => length > 0);
    const found = open.find(
      ([head]) => head && compare(head, arrival, captures)?.differences.length === 0,
    );
    if (!found) {
      const heads = open.flatMap(([head]) => (head ? [head] : []));
      return fail(unexpectedInGroup(arrival, heads, captures));
    }
    const [head, ...rest] = found;
    if (!head || !consume(head, arrival)) return false;
    while (rest[0] && isOfServer(rest[0])) if (!act(rest.shift() as Step)) return false;
    branches = (branches ?? []).map((branch) => (branch === found ? rest : branch));
    return true;
  }

  /** The remaining steps of the client. */
  function awaited(): readonly Step[] {
    const open = branches?.flatMap(([head]) => (head ? [head] : [])) ?? steps.slice(at, at + 1);
    return [...open, ...steps.slice(at + 1)].filter((step) => !isOfServer(step));
  }

  /** The arrival is the one that the step waits for. */
  function consume(step: Step, arrival: Arrival): boolean {
    if (arrival.what === 'sends') lastFrame = arrival.frame;
    else if (arrival.what === 'leaves') peer = null;
    else if (arrival.what === 'calls') {
      lastFrame = arrival.call.body;
      const { call, reply } = arrival;
      if (step.does !== 'expectsRest' || step.reply === null)
        unanswered.push({ path: call.path, reply });
      else return answer({ path: call.path, reply }, step.reply);
    } else if (step.does === 'refuses') arrival.refuse(step.status);
    else {
      arrival.accept((accepted) => {
        peer = accepted;
      });
    }
    return true;
  }

  /** Plays a step of the server. */
  function act(step: Step): boolean {
    if (step.does === 'replies') {
      const index = unanswered.findIndex(({ path }) => step.to === undefined || path === step.to);
      const [call] = index === -1 ? [] : unanswered.splice(index, 1);
      return call
        ? answer(call, step.reply)
        : unplayable('no call of the REST API waits for this.');
    }
    const gone = inbox.find(({ what }) => what === 'leaves');
    if (peer === null) return unplayable('there is no connection: "connects()" waits for one.');
    if (gone) return fail([`${describeArrival(gone)} before it.`]);
    const current = peer;
    return attempt(() => {
      if (step.does === 'emits') current.send(JSON.stringify(emittedFrame(step.frame)));
      else if (step.does === 'emitsText') current.send(step.data);
      else {
        peer = null;
        if (step.does === 'closes') current.close(step.code, step.reason);
        else if (step.does === 'exits') current.exit(step.how, step.stderr);
      }
    });
  }

  const answer = (call: UnansweredCall, { status, body = {} }: RestReply): boolean =>
    attempt(() => {
      call.reply({ status, body: fill(body, captures) });
    });

  const emittedFrame = (frame: unknown): unknown =>
    typeof frame === 'function'
      ? (frame as (...args: unknown[]) => unknown)(lastFrame, Object.fromEntries(captures))
      : fill(frame, captures);

  /** Reports an error of a user's function, or a missing capture, with the step. */
  function attempt(task: () => void): boolean {
    try {
      task();
      return true;
    } catch (error) {
      return unplayable(`${(error as Error).message}.`.replace(/\.\.$/, '.'));
    }
  }

  const unplayable = (what: string): false => fail([what], 'unplayable');

  function fail(what: readonly string[], kind: TranscriptFault = 'unexpected'): false {
    if (outcome !== null) return false;
    outcome = 'failed';
    wait.unsubscribe();
    settle(transcriptError(kind, steps, at, what, offset));
    peer?.drop();
    peer = null;
    settings.failed();
    return false;
  }

  return {
    start: advance,
    observe(arrival) {
      if (outcome === 'failed') return;
      const keep = settings.housekeeping ? housekeeping(arrival) : null;
      if (
        keep &&
        !isAwaited(arrival, [...(branches?.flat() ?? []), ...steps.slice(at)], captures)
      ) {
        keep(peer);
      } else {
        inbox.push(arrival);
        if (outcome === 'played') dismiss(arrival);
        advance();
      }
    },
    async done() {
      await settled;
      const extra = inbox.find(({ what }) => what === 'sends' || what === 'calls');
      if (extra && outcome !== 'failed') {
        const what = [`every step was played, and then ${shorten(describeArrival(extra))}.`];
        throw transcriptError('unexpected', steps, at - 1, what, offset);
      }
    },
    stop() {
      fail(['the transcript was closed before it was played to its end.'], 'closed');
      outcome = 'failed';
      peer?.drop();
    },
  };
}
