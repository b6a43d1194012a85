import { filter, map, ReplaySubject, Subscription, take, tap, timer, type Observable } from 'rxjs';
import type { Envelope } from '../envelope/index.js';
import { forThread } from '../match/index.js';
import { amounts } from '../options/index.js';
import type { CodexStream } from '../stream/index.js';
import { createReading } from './reading.js';
import type { ThreadSnapshot } from './snapshot.js';
import type { EndFacts, TurnFollower } from './turn-follower.js';
import { interruptTurn } from './turn-interrupt.js';
import { progressOf } from './turn-progress.js';
import { isRefused, type TurnSource } from './turn-source.js';
import { watchRequests } from './turn-requests.js';
import { watchSigns } from './turn-signs.js';
import { leavesIdle, trackTurn } from './turn-tracker.js';
import { verdictOf } from './turn-verdict.js';
import { answerOf, isWorking, outcomeOf } from './turn-view.js';
import {
  TurnError,
  type TurnActivity,
  type TurnEvidence,
  type TurnOutcome,
  type WatchTurnOptions,
} from './turn.js';

/** How long to try to read what a turn that has ended has said in a gap, in ms. */
const patience = 10_000;

/** How often a server may refuse to say how things are. */
const maxRefusals = 5;

/**
 * Hears the events of a thread by key, and asks its server where they do not say how a turn goes on.
 *
 * @param clientId Of the message that starts it; `null`: messages have no ids, or it is another's.
 */
export function followTurn(
  stream: CodexStream,
  source: TurnSource,
  threadId: string,
  options: WatchTurnOptions,
  clientId: string | null = null,
): TurnFollower {
  const { quiet, limit } = amounts('', options, { quiet: 30_000, limit: Infinity });
  const lifetime = new Subscription();
  const changes = new ReplaySubject<void>(1);
  const tracker = trackTurn(threadId, clientId);
  let isSent = false;
  /** Whether something was missed, and not read since. */
  let isMissing = false;
  let sendError: Error | null = null;
  let outcome: TurnOutcome | null = null;
  /** What a reading is evidence of, and whether one has found nothing before it. */
  let [evidence, isSecond]: [TurnEvidence, boolean] = ['reconciled', false];
  let refusals = 0;
  let resolve: (outcome: TurnOutcome) => void;
  const ended = new Promise<TurnOutcome>((settle) => (resolve = settle));

  const turn = {
    threadId,
    get turnId() {
      return tracker.turnId;
    },
    view$: progressOf(tracker, changes, () => ({ activity: activityOf(), outcome })),
    ended,
    answer: ended.then(({ delivered }) =>
      delivered === false ? null : answerOf(tracker.view(), clientId),
    ),
    interrupt,
  };

  const reading = createReading(stream, lifetime, {
    read() {
      const after = tracker.count;
      return source.readSnapshot(threadId).pipe(
        tap((snapshot) => {
          tracker.merge(snapshot, after);
        }),
      );
    },
    done(snapshot) {
      refusals = 0;
      // Of a turn that is not known yet nothing was read, unless its message names it.
      isMissing &&= (tracker.turnId ?? clientId) === null;
      changes.next();
      settle(snapshot);
    },
    failed(error) {
      if (isRefused(error)) refusals++;
      if (refusals < maxRefusals && source.faultOf(error) !== 'gone') return true;
      if (tracker.isOver) finishAsHeard();
      else finish('incomplete', 'reconciled', { error });
      return false;
    },
    lost() {
      if (!isSent) return;
      isMissing = true;
      tracker.gap();
    },
    returned() {
      [evidence, isSecond] = ['gap', false];
      return isSent;
    },
  });

  const signs = watchSigns(lifetime, quiet, {
    excused: () => isWaiting(),
    stalled() {
      read('reconciled');
      changes.next();
    },
    left() {
      read('reconciled');
    },
  });

  function activityOf(): TurnActivity {
    if (!isSent) return 'queued';
    if (isWaiting()) return 'waiting';
    return signs.isStalled() && !isWorking(tracker.view()) ? 'stalled' : 'running';
  }

  /** Whether the agent has got the message of a client. */
  function hasGot(id: string | null): boolean | null {
    const found = id === null ? null : tracker.delivered(id);
    return found === false && isMissing ? null : found;
  }

  function hear(event: Envelope): void {
    tracker.hear(event);
    if (event.turnId !== null && event.turnId === tracker.turnId) signs.alive();
    if (tracker.isOver) heardEnd();
    else if (leavesIdle(event)) signs.idle();
    changes.next();
  }

  function heardEnd(): void {
    // What a gap has taken is read first: perhaps the message, or the answer.
    if (isMissing) read('reconciled');
    if (reading.isBusy) after(patience, finishAsHeard);
    else finishAsHeard();
  }

  function read(by: TurnEvidence, isAgain = false): void {
    if (reading.isBusy) return;
    [evidence, isSecond] = [by, isAgain];
    reading.refresh();
  }

  function settle(snapshot: ThreadSnapshot): void {
    const { turnId } = tracker;
    const by = evidence;
    const { readsFailures } = source;
    const facts = { readsFailures, quiet, isSecond };
    const verdict = verdictOf(snapshot, turnId, tracker.view(), facts);
    if (tracker.isOver) finishAsHeard();
    else if (verdict && 'again' in verdict) {
      after(verdict.again, () => {
        read(by, verdict.isSecond);
      });
    } else if (verdict && turnId === null) finish(verdict.status, 'send', { error: sendError });
    else if (verdict) finish(verdict.status, by, verdict);
  }

  function finishAsHeard(): void {
    finish(tracker.view()?.status ?? 'incomplete', 'event');
  }

  function finish(status: string, by: TurnEvidence, facts: EndFacts = {}): void {
    if (outcome) return;
    isMissing ||= by === 'timeout' || by === 'closed';
    const { delivered = hasGot(clientId) } = facts;
    const error = facts.error ?? tracker.view()?.error ?? null;
    outcome = outcomeOf(status, by, { ...facts, delivered, error });
    lifetime.unsubscribe();
    changes.next();
    changes.complete();
    resolve(outcome);
  }

  const on = <T>(source: Observable<T>, next: (value: T) => void) => {
    lifetime.add(source.subscribe(next));
  };
  const after = (delay: number, task: () => void) => {
    on(timer(delay), task);
  };

  lifetime.add(stream.on(forThread(threadId), hear, { name: 'turn' }));
  changes.next();
  const isWaiting = watchRequests(stream, lifetime, turn, () => {
    signs.waiting();
    changes.next();
  });
  if (options.limit !== undefined) {
    after(limit, () => {
      finish('incomplete', 'timeout');
    });
  }
  on(stream.status$, (status) => {
    if (status.state !== 'closed') return;
    if (tracker.isOver) finishAsHeard();
    else finish('incomplete', 'closed', { error: status.error });
  });
  // Who closes the stream meanwhile is heard by its status.
  void stream.connect().catch(() => undefined);

  const known$ = changes.pipe(
    map(() => tracker.turnId),
    filter((id): id is string => id !== null && !outcome),
    take(1),
  );

  function interrupt(): Promise<boolean> {
    if (!isSent && !outcome) {
      const error = new TurnError('withdrawn', threadId, 'The message was withdrawn.');
      finish('incomplete', 'send', { delivered: false, error });
      return Promise.resolve(true);
    }
    return interruptTurn(source, threadId, known$);
  }

  return {
    turn,
    tracker,
    lifetime,
    changes$: changes,
    known$,
    hasGot,
    send() {
      isSent = true;
      changes.next();
    },
    follow(turnId) {
      tracker.follow(turnId);
      signs.alive();
      if (tracker.isOver) heardEnd();
      changes.next();
    },
    read,
    doubt(error) {
      sendError = error;
      read('reconciled');
    },
    finish,
  };
}
