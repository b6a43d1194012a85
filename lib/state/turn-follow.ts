import {
  catchError,
  debounceTime,
  distinctUntilChanged,
  exhaustMap,
  filter,
  firstValueFrom,
  map,
  NEVER,
  of,
  ReplaySubject,
  Subject,
  Subscription,
  switchMap,
  take,
  takeUntil,
  timer,
  type Observable,
} from 'rxjs';
import type { Envelope } from '../envelope/index.js';
import { forThread } from '../match/index.js';
import { amounts } from '../options/index.js';
import type { ServerRequest } from '../requests/index.js';
import type { CodexStream } from '../stream/index.js';
import type { ThreadSnapshot } from './snapshot.js';
import { returnsOf } from './returns.js';
import { createTurnReader } from './turn-reader.js';
import type { TurnFollower } from './turn-follower.js';
import type { TurnSource } from './turn-source.js';
import { isOpen, leavesIdle, trackTurn } from './turn-tracker.js';
import { answerOf, createProgress, isWorking, outcomeOf, readStatus } from './turn-view.js';
import {
  TurnError,
  type TurnEvidence,
  type TurnOutcome,
  type TurnProgress,
  type WatchTurnOptions,
} from './turn.js';

/** How long a `turn/completed` may be behind the `idle` of its thread, in ms. */
const grace = 1_000;

/** How long to try to read what a turn that has ended has said in a gap, in ms. */
const patience = 10_000;

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
  const life = new Subject<void>();
  const idle = new Subject<void>();
  const tracker = trackTurn(threadId, clientId);
  const progress = createProgress();
  const reader = createTurnReader(
    source,
    threadId,
    lifetime,
    () => tracker.count,
    (error) => {
      if (tracker.isOver) finish(statusOf(), 'event');
      else finish('incomplete', 'reconciled', { error });
    },
  );
  let requests: readonly ServerRequest[] = [];
  let isSent = false;
  let isStalled = false;
  /** Whether something was missed, and not read since. */
  let isMissing = false;
  let sendError: Error | null = null;
  let outcome: TurnOutcome | null = null;
  let resolve: (outcome: TurnOutcome) => void;
  const ended = new Promise<TurnOutcome>((settle) => (resolve = settle));

  const statusOf = () => tracker.view()?.status ?? 'incomplete';

  const isWaiting = () =>
    requests.some(
      (request) => request.threadId === threadId && [tracker.turnId, null].includes(request.turnId),
    );

  /** Whether the agent has got the message of a client. */
  function hasGot(id: string | null): boolean | null {
    const found = id === null ? null : tracker.delivered(id);
    return found === false && isMissing ? null : found;
  }

  function view(): TurnProgress {
    const now = tracker.view();
    const isIdle = isStalled && !isWorking(now);
    const activity = !isSent ? 'queued' : isWaiting() ? 'waiting' : isIdle ? 'stalled' : 'running';
    return progress(now, tracker.turnId, activity, outcome);
  }

  function hear(event: Envelope): void {
    tracker.hear(event);
    if (event.turnId !== null && event.turnId === tracker.turnId) live();
    if (tracker.isOver) heardEnd();
    else if (leavesIdle(event)) idle.next();
    changes.next();
  }

  function live(): void {
    isStalled = false;
    life.next();
  }

  function heardEnd(): void {
    // What a gap has taken is read first: perhaps the message, or the answer.
    if (isMissing) read('reconciled');
    if (!reader.isBusy) finish(statusOf(), 'event');
    else {
      lifetime.add(
        timer(patience).subscribe(() => {
          finish(statusOf(), 'event');
        }),
      );
    }
  }

  function read(by: TurnEvidence, isAgain = false): void {
    reader.read(by === 'gap', (snapshot, after) => {
      tracker.merge(snapshot, after);
      isMissing = false;
      changes.next();
      settle(snapshot, by, isAgain);
    });
  }

  function settle({ turns, status }: ThreadSnapshot, by: TurnEvidence, isAgain: boolean): void {
    const { turnId } = tracker;
    const turn = turns.find(({ id }) => id === turnId);
    const again = (delay: number) => {
      lifetime.add(
        timer(delay).subscribe(() => {
          read(by, delay === grace);
        }),
      );
    };
    if (tracker.isOver) finish(statusOf(), 'event');
    else if (turn && !isOpen(turn)) {
      const { status, certain } = readStatus(turn, tracker.view(), source.readsFailures);
      finish(status, by, { certain });
    } else if (status?.type === 'active') {
      // It goes on. A message that is nowhere yet may still come.
      if (turnId === null) again(quiet);
    } else if (!isAgain) again(grace);
    else
      finish(
        'incomplete',
        turnId === null ? 'send' : by,
        turnId === null && sendError ? { error: sendError } : {},
      );
  }

  function finish(status: string, by: TurnEvidence, facts: Partial<TurnOutcome> = {}): void {
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
  const route = stream.on(forThread(threadId), hear, { name: 'turn' });
  lifetime.add(() => {
    route.unsubscribe();
  });
  changes.next();
  on(silenceOf(life, quiet), () => {
    if (isWaiting()) return;
    isStalled = true;
    read('reconciled');
    changes.next();
  });
  on(idle.pipe(switchMap(() => timer(grace))), () => {
    read('reconciled');
  });
  const missed = () => {
    if (!isSent) return;
    isMissing = true;
    tracker.gap();
  };
  on(returnsOf(stream, missed), () => {
    if (isSent) read('gap');
  });
  on(stream.requests.pending$, (pending) => {
    const was = isWaiting();
    requests = pending;
    if (was === isWaiting()) return;
    life.next();
    changes.next();
  });
  on(options.limit === undefined ? NEVER : timer(limit), () => {
    finish('incomplete', 'timeout');
  });
  on(stream.status$, (status) => {
    if (status.state !== 'closed') return;
    if (tracker.isOver) finish(statusOf(), 'event');
    else finish('incomplete', 'closed', status.error ? { error: status.error } : {});
  });
  // Who closes the stream meanwhile is heard by its status.
  void stream.connect().catch(() => undefined);

  function interrupt(): Promise<boolean> {
    if (!isSent && !outcome) {
      const error = new TurnError('withdrawn', threadId, 'The message was withdrawn.');
      finish('incomplete', 'send', { delivered: false, error });
      return Promise.resolve(true);
    }
    const taken$ = changes.pipe(
      filter(() => tracker.turnId !== null && !outcome),
      take(1),
      switchMap(() => source.interrupt(threadId, tracker.turnId as string)),
      map(() => true),
      catchError(() => of(false)),
    );
    return firstValueFrom(taken$, { defaultValue: false });
  }

  return {
    turn: {
      threadId,
      get turnId() {
        return tracker.turnId;
      },
      view$: changes.pipe(map(view), distinctUntilChanged()),
      ended,
      answer: ended.then(({ delivered }) =>
        delivered === false ? null : answerOf(tracker.view(), clientId),
      ),
      interrupt,
    },
    tracker,
    lifetime,
    get isSent() {
      return isSent;
    },
    get outcome() {
      return outcome;
    },
    changes$: changes,
    hasGot,
    send() {
      isSent = true;
      changes.next();
    },
    follow(turnId) {
      tracker.follow(turnId);
      live();
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

/** Emits when there was no sign of life for a time, and again after each such time. */
const silenceOf = (life$: Observable<void>, quiet: number): Observable<unknown> =>
  life$.pipe(
    debounceTime(quiet),
    exhaustMap(() => timer(0, quiet).pipe(takeUntil(life$))),
  );
