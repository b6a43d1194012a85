import {
  asyncScheduler,
  BehaviorSubject,
  firstValueFrom,
  Observable,
  of,
  Subject,
  Subscription,
  timer,
} from 'rxjs';
import type { AppServerRequestPayload, Envelope, RequestId } from '../envelope/index.js';
import { createSerializer } from '../async/index.js';
import { AnswerError, type AnswerFault } from './answer-error.js';
import { checkAnswer } from './check-answer.js';
import { createFileChanges } from './file-changes.js';
import type { RequestPort, Sent } from './port.js';
import { routeOf } from './route.js';
import { identityOf, isWeak, itemIdOf, readRequest, type ServerRequest } from './server-request.js';
import type {
  AnswerNote,
  RequestHandler,
  RequestMatcher,
  ServeOptions,
  ServerRequests,
} from './server-requests.js';
import { newEntry, type Entry } from './entry.js';
import { settledWithout, type Evidence } from './evidence.js';
import { observe, type Observed } from './observe.js';
import type { RequestRegistry } from './request-registry.js';
import { createServing } from './serving.js';
import type { Decision, Outcome, SettledBy, Settlement } from './settlement.js';

/** How many settled requests are remembered: a late copy of one must not open it again. */
const memory = 1_000;

/** How long the reply to an answer is waited for once an event has told the end, in milliseconds. */
const grace = 2_000;

export function createRequests(port: RequestPort): RequestRegistry {
  const entries = new Map<string, Entry>();
  /** What has ended, by identity. */
  const ended = new Map<string, Outcome>();
  /** Ids and turns that ended, known or not, each with a mark: a list may be older than that. */
  const gone = new Map<string, number>();
  const changed = createFileChanges();
  const pending = new BehaviorSubject<readonly ServerRequest[]>([]);
  const opened = new Subject<ServerRequest>();
  const settled = new Subject<Settlement>();
  const decisions = new Subject<Decision>();
  const counts = { opened: 0, ...noOutcomes };
  const turns = createSerializer();
  let marks = 0;
  /** When the connection was lost: what was seen before may have ended since. */
  let interruption = 0;
  let isClosed = false;

  function changedNow(): void {
    const now = [...entries.values()].map(({ request }) => request);
    turns(() => {
      pending.next(now);
    });
  }

  function update(entry: Entry, change: Partial<ServerRequest>): void {
    entry.request = { ...entry.request, ...change } as ServerRequest;
    changedNow();
  }

  function settle(entry: Entry, outcome: Outcome, cause: SettledBy): void {
    if (!entries.delete(entry.identity)) return;
    entry.sending?.unsubscribe();
    remember(ended, entry.identity, outcome);
    counts[outcome]++;
    const { request, answer, by } = entry;
    const settledAt = now();
    const waited = settledAt - request.openedAt;
    const settlement = { request, outcome, cause, answer, by, settledAt, waited };
    changedNow();
    turns(() => {
      settled.next(settlement);
      entry.served.run?.run.end(`it is ${outcome}`);
      entry.settled.next(settlement);
      entry.settled.complete();
    });
  }

  function again(event: Envelope): boolean {
    const known = entries.get(identityOf(event));
    if (known) known.seen = ++marks;
    return known !== undefined;
  }

  function open(event: Envelope): void {
    const { requestId } = event;
    if (isClosed || requestId === null) return;
    const identity = identityOf(event);
    if (again(event) || ended.has(identity)) return;
    const told = event as Envelope<string, AppServerRequestPayload>;
    // What says nothing but an id may come again and mean another.
    const request = readRequest(
      told,
      requestId,
      isWeak(identity) ? `${identity}${counts.opened}` : identity,
      now(),
      changed.of(event.threadId, itemIdOf(event)),
    );
    const entry = newEntry(
      { ...request, answerable: port.answers(request.method) },
      identity,
      ++marks,
    );
    entries.set(identity, entry);
    counts.opened++;
    changedNow();
    turns(() => {
      opened.next(entry.request);
      serving.offer(entry);
    });
  }

  function conclude(entry: Entry, told: Evidence): void {
    const { request, sending, uncertain, seen } = entry;
    // An event of this connection cannot say how a request ended that it has not told of itself.
    const evidence: Evidence = seen > interruption ? told : { ...told, isOurs: 'unknown' };
    if (sending && !sending.closed) {
      // The reply to the answer knows more; it is waited for, but not for ever.
      if (entry.evidence) return;
      entry.evidence = evidence;
      sending.add(
        timer(grace).subscribe(() => {
          settle(entry, ...settledWithout(evidence, entry.answer, 'perhaps'));
        }),
      );
      return;
    }
    const isSent = request.state === 'answering' ? 'surely' : uncertain ? 'perhaps' : 'no';
    settle(entry, ...settledWithout(evidence, entry.answer, isSent));
  }

  function concludeAll(evidence: Evidence, isMeant: (request: ServerRequest) => boolean): void {
    for (const entry of entries.values()) if (isMeant(entry.request)) conclude(entry, evidence);
  }

  /** Gives an answer; whoever gave it is told if it did not count. */
  function give(
    entry: Entry,
    answer: object,
    by: string,
    why: string | null,
    failed: (error: AnswerError) => void,
  ): void {
    const error = objection(entry, answer);
    if (error) {
      failed(error);
      return;
    }
    const { request } = entry;
    Object.assign(entry, { answer, by, failed });
    update(entry, { state: 'answering' });
    turns(() => {
      decisions.next({ request, answer, by, why, at: now() });
    });
    const sending = new Subscription();
    entry.sending = sending;
    sending.add(
      port.send(request, answer).subscribe((sent) => {
        // From here on nothing carries it any more.
        entry.sending = null;
        sending.unsubscribe();
        carried(entry, sent);
      }),
    );
  }

  function objection(entry: Entry, answer: object): AnswerError | null {
    const { request } = entry;
    const say = (kind: AnswerFault, message: string) =>
      new AnswerError(kind, `${request.method}: ${message}.`);
    if (request.state !== 'open') return say('taken', 'an answer is on its way already');
    if (!request.answerable) return say('unanswerable', 'this source cannot answer it');
    const problem = checkAnswer(request, answer);
    return problem === null ? (port.check?.(request, answer) ?? null) : say('unfit', problem);
  }

  function carried(entry: Entry, sent: Sent): void {
    const { evidence } = entry;
    const isUncertain = 'uncertain' in sent && (sent.uncertain || entry.uncertain);
    const isSent = sent.status === 'sent' ? 'surely' : isUncertain ? 'perhaps' : 'no';
    const told = evidence && settledWithout(evidence, entry.answer, isSent);
    switch (sent.status) {
      case 'answered':
        settle(entry, 'answered', 'accepted');
        break;
      case 'conflict':
        settle(entry, 'answered-elsewhere', 'conflict');
        break;
      case 'gone':
        settle(entry, ...(told ?? (['lost', 'gone'] as const)));
        break;
      case 'sent':
        if (told) settle(entry, ...told);
        break;
      case 'failed':
        entry.uncertain ||= sent.uncertain;
        if (told) settle(entry, ...told);
        else {
          update(entry, { state: 'open' });
          entry.failed(sent.error);
          turns(() => {
            serving.offer(entry);
          });
        }
    }
  }

  function find(request: { readonly key: string } | Envelope): Entry | AnswerError {
    const isValue = 'key' in request;
    const entry = isValue
      ? [...entries.values()].find((entry) => entry.request.key === request.key)
      : entries.get(identityOf(request));
    if (entry) return entry;
    const outcome = ended.get(isValue ? request.key : identityOf(request));
    return outcome
      ? new AnswerError('settled', `The request is settled already: ${outcome}.`)
      : new AnswerError('unknown', 'No such request is open here.');
  }

  const isOpen = (entry: Entry) => entries.get(entry.identity) === entry;
  const all = () => [...entries.values()];
  const serving = createServing({ entries: all, isOpen, give, turns });

  const requests = {
    pending$: pending.asObservable(),
    opened$: opened.asObservable(),
    settled$: settled.asObservable(),
    decisions$: decisions.asObservable(),
    errors$: serving.errors.asObservable(),

    get: (key: string) => [...entries.values()].find(({ request }) => request.key === key)?.request,

    answer(request: ServerRequest | Envelope, answer: object, note: AnswerNote = {}) {
      const settlement = new Promise<Settlement>((resolve, reject) => {
        const entry = find(request);
        if (entry instanceof AnswerError) {
          reject(entry);
          return;
        }
        entry.settled.subscribe(resolve);
        give(entry, answer, note.by ?? 'answer', note.why ?? null, reject);
      });
      // Whoever does not await it sees the request stay in pending$: no unhandledRejection.
      settlement.catch(() => undefined);
      return settlement;
    },

    serve: (matcher: RequestMatcher, handler: RequestHandler, options?: ServeOptions) =>
      serving.add(routeOf(matcher, handler, options)),

    respond: (request: ServerRequest | Envelope, handler: RequestHandler, options?: ServeOptions) =>
      new Observable<Settlement>((subscriber) => {
        const entry = find(request);
        if (entry instanceof AnswerError || entry.served.asked.has(handler)) {
          subscriber.complete();
          return;
        }
        const route = routeOf(() => true, handler, options);
        entry.settled.subscribe(subscriber);
        subscriber.add(serving.add(route, entry));
      }),

    recover: (...threads: readonly string[]) =>
      firstValueFrom(port.recover?.(threads) ?? of(false), { defaultValue: false }),

    stats: () => ({ ...counts, late: serving.late() }),
  } as unknown as ServerRequests;

  function missed(mark: number, isMeant: (request: ServerRequest) => boolean): void {
    for (const entry of entries.values()) {
      // The reply to an answer that is under way may tell more.
      if (entry.seen <= mark && isMeant(entry.request)) {
        conclude(entry, { cause: 'missed', isOurs: 'unknown' });
      }
    }
  }

  function resolved(
    requestId: RequestId | null,
    threadId: string | null,
    evidence: Evidence,
  ): void {
    const id = String(requestId);
    remember(gone, JSON.stringify([id, threadId]), ++marks);
    concludeAll(
      evidence,
      (request) => String(request.requestId) === id && request.threadId === threadId,
    );
  }

  function turnEnded(turnId: string, threadId: string | null, evidence: Evidence): void {
    remember(gone, JSON.stringify([turnId, threadId, 'turn']), ++marks);
    concludeAll(evidence, (request) => request.turnId === turnId && request.threadId === threadId);
  }

  function threadEnded(threadId: string | null): void {
    if (threadId === null) return;
    const evidence: Evidence = { cause: 'thread-ended', isOurs: 'no' };
    concludeAll(evidence, (request) => request.threadId === threadId);
  }

  /** Whether something ended after a mark. */
  const isGone = (mark: number, ...what: readonly unknown[]) =>
    (gone.get(JSON.stringify(what)) ?? 0) > mark;

  const observed: Observed = {
    open,
    filesChanged(event) {
      const item = changed.observe(event);
      for (const entry of item === null ? [] : entries.values()) {
        const { request } = entry;
        if (request.itemId !== item || request.threadId !== event.threadId) continue;
        const { requestId, key, openedAt, answerable, state } = request;
        const changes = changed.of(event.threadId, item);
        const renewed = readRequest(request.event, requestId, key, openedAt, changes);
        update(entry, { ...renewed, answerable, state });
      }
    },
    resolved,
    turnEnded,
    threadEnded,
    concludeAll,
  };

  return {
    requests,
    open,
    again(event) {
      again(event);
    },
    see(event) {
      observe(event, observed);
    },
    resolved,
    threadEnded,
    take(event, answer) {
      const entry = find(event);
      if (entry instanceof AnswerError) return false;
      const errors: AnswerError[] = [];
      give(entry, answer, 'answer', null, (error) => errors.push(error));
      const unfit = errors.find(({ kind }) => kind === 'unfit');
      if (unfit) throw unfit;
      return errors.length === 0;
    },
    isServed(event) {
      const entry = find(event);
      return !(entry instanceof AnswerError) && entry.served.asked.size > 0;
    },
    threads: () => all().flatMap(({ request: { threadId } }) => threadId ?? []),
    refused(event) {
      const entry = entries.get(identityOf(event));
      if (entry) conclude(entry, { cause: 'refused', isOurs: 'no' });
    },
    mark: () => marks,
    seen: ({ key }) => all().find(({ request }) => request.key === key)?.seen ?? 0,
    listed(mark, events, isMeant) {
      for (const event of events) {
        const { requestId, threadId, turnId } = event;
        const isOld =
          isGone(mark, String(requestId), threadId) || isGone(mark, turnId, threadId, 'turn');
        if (!isOld) open(event);
      }
      missed(mark, isMeant);
    },
    missed,
    restarted(mark) {
      for (const entry of entries.values()) {
        if (entry.seen <= mark) settle(entry, 'lost', 'restarted');
      }
      ended.clear();
    },
    interrupted() {
      interruption = marks;
      for (const identity of ended.keys()) if (isWeak(identity)) ended.delete(identity);
    },
    close() {
      for (const entry of entries.values()) settle(entry, 'lost', 'closed');
      isClosed = true;
      turns(() => {
        for (const subject of [pending, opened, settled, decisions, serving.errors])
          subject.complete();
      });
    },
  };
}

const noOutcomes: Record<Outcome, number> = {
  answered: 0,
  'answered-elsewhere': 0,
  expired: 0,
  lost: 0,
  failed: 0,
};

/** Remembers something, and forgets what it learned first when that is too much. */
function remember<T>(map: Map<string, T>, key: string, value: T): void {
  map.set(key, value);
  if (map.size > memory) map.delete(map.keys().next().value as string);
}

const now = () => asyncScheduler.now();
