import { BehaviorSubject, firstValueFrom, of, Subject, timer } from 'rxjs';
import { createSerializer, now } from '../async/index.js';
import type { AppServerRequestPayload, Envelope, RequestId } from '../envelope/index.js';
import { AnswerError } from './answer-error.js';
import { createAnswering } from './answering.js';
import { newEntry, type Entry } from './entry.js';
import type { Evidence } from './evidence.js';
import { createFileChanges } from './file-changes.js';
import { createLedger } from './ledger.js';
import { observe } from './observe.js';
import type { RequestPort } from './port.js';
import { publicRequests } from './public-requests.js';
import type { RequestRegistry } from './request-registry.js';
import { identityOf, isWeak, itemIdOf, readRequest, type ServerRequest } from './server-request.js';
import { createServing } from './serving.js';
import type { Decision, Outcome, SettledBy, Settlement } from './settlement.js';

/**
 * The requests of a stream.
 *
 * @param overdueAfter How long a request may wait until `overdue$` emits it, in ms.
 */
export function createRequests(port: RequestPort, overdueAfter = 30_000): RequestRegistry {
  const ledger = createLedger<Entry>();
  const changes = createFileChanges();
  const pending = new BehaviorSubject<readonly ServerRequest[]>([]);
  const opened = new Subject<ServerRequest>();
  const settled = new Subject<Settlement>();
  const decisions = new Subject<Decision>();
  const overdue = new Subject<ServerRequest>();
  const counts = { opened: 0, ...noOutcomes };
  const serialize = createSerializer();
  let isClosed = false;

  function publish(): void {
    const all = ledger.open().map(({ request }) => request);
    serialize(() => {
      pending.next(all);
    });
  }

  function update(entry: Entry, change: Partial<ServerRequest>): void {
    entry.request = { ...entry.request, ...change } as ServerRequest;
    publish();
  }

  function settle(entry: Entry, outcome: Outcome, cause: SettledBy): void {
    if (!ledger.end(entry, outcome)) return;
    entry.sending?.unsubscribe();
    entry.watchdog.unsubscribe();
    counts[outcome]++;
    const { request, answer, by } = entry;
    const settledAt = now();
    const waited = settledAt - request.openedAt;
    const settlement = { request, outcome, cause, answer, by, settledAt, waited };
    publish();
    serialize(() => {
      settled.next(settlement);
      entry.served.run?.run.end(`it is ${outcome}`);
      entry.settled.next(settlement);
      entry.settled.complete();
    });
  }

  const answering = createAnswering({
    port,
    isOfConnection: ledger.isOfConnection,
    settle,
    setState(entry, state) {
      if (state === 'answering') entry.watchdog.unsubscribe();
      update(entry, { state });
    },
    decided({ request }, { answer, by, why }) {
      serialize(() => {
        decisions.next({ request, answer, by, why, at: now() });
      });
    },
    reopened(entry) {
      serialize(() => {
        serving.offer(entry);
      });
    },
  });
  const { conclude } = answering;
  const serving = createServing<Entry>({
    entries: ledger.open,
    isOpen: (entry) => ledger.get(entry.request.event) === entry,
    give: answering.give,
    serialize,
  });

  /** Whether it was open already. */
  function see(event: Envelope): boolean {
    const known = ledger.get(event);
    if (known) ledger.see(known);
    return known !== undefined;
  }

  function open(event: Envelope): void {
    const { requestId, threadId } = event;
    if (isClosed || requestId === null || see(event) || ledger.outcomeOf(event)) return;
    const identity = identityOf(event);
    const request = readRequest(
      event as Envelope<string, AppServerRequestPayload>,
      requestId,
      // A request with nothing but an id may be a different one when the id is reused.
      isWeak(identity) ? `${identity}${counts.opened}` : identity,
      now(),
      changes.of(threadId, itemIdOf(event)),
    );
    const entry = newEntry({ ...request, answerable: port.answers(request.method) }, identity);
    ledger.add(entry);
    counts.opened++;
    entry.watchdog.add(
      timer(overdueAfter).subscribe(() => {
        overdue.next(entry.request);
      }),
    );
    publish();
    serialize(() => {
      opened.next(entry.request);
      serving.offer(entry);
    });
  }

  function concludeAll(evidence: Evidence, predicate: (request: ServerRequest) => boolean): void {
    for (const entry of ledger.open()) if (predicate(entry.request)) conclude(entry, evidence);
  }

  function find(request: { readonly key: string } | Envelope): Entry | AnswerError {
    const entry = 'key' in request ? ledger.byKey(request.key) : ledger.get(request);
    if (entry) return entry;
    const outcome = ledger.outcomeOf(request);
    return outcome
      ? new AnswerError('settled', `The request is settled already: ${outcome}.`)
      : new AnswerError('unknown', 'No such request is open here.');
  }

  function dropUnseen(revision: number, predicate: (request: ServerRequest) => boolean): void {
    for (const entry of ledger.unseenSince(revision)) {
      // The reply to an answer that is under way may tell more.
      if (predicate(entry.request)) conclude(entry, { cause: 'missed', answeredBy: 'unknown' });
    }
  }

  function resolved(requestId: RequestId | null, threadId: string | null, evidence: Evidence) {
    const id = String(requestId);
    ledger.noteEnd(id, threadId);
    concludeAll(
      evidence,
      (request) => String(request.requestId) === id && request.threadId === threadId,
    );
  }

  function threadEnded(threadId: string | null): void {
    if (threadId === null) return;
    const evidence: Evidence = { cause: 'thread-ended', answeredBy: 'nobody' };
    concludeAll(evidence, (request) => request.threadId === threadId);
  }

  function filesChanged(event: Envelope): void {
    const item = changes.observe(event);
    if (item === null) return;
    for (const entry of ledger.open()) {
      const { requestId, key, openedAt, answerable, state, ...request } = entry.request;
      if (request.itemId !== item || request.threadId !== event.threadId) continue;
      const known = changes.of(event.threadId, item);
      const renewed = readRequest(request.event, requestId, key, openedAt, known);
      update(entry, { ...renewed, answerable, state });
    }
  }

  return {
    requests: publicRequests({
      subjects: { pending, opened, settled, decisions, overdue, errors: serving.errors },
      get: (key) => ledger.byKey(key)?.request,
      find,
      answering,
      serving,
      refresh: (threads) =>
        firstValueFrom(port.refresh?.(threads) ?? of(false), { defaultValue: false }),
      stats: () => ({ ...counts, late: serving.late() }),
    }),
    open,
    announce(event) {
      const known = ledger.get(event);
      open(event);
      if (known) answering.redeliver(known);
      return known === undefined;
    },
    observe(event) {
      observe(event, {
        open,
        filesChanged,
        resolved,
        turnEnded(turnId, threadId, evidence) {
          ledger.noteEnd(turnId, threadId, 'turn');
          concludeAll(
            evidence,
            (request) => request.turnId === turnId && request.threadId === threadId,
          );
        },
        threadEnded,
        concludeAll,
      });
    },
    resolved,
    threadEnded,
    concludeAll,
    isServed(event) {
      const entry = ledger.get(event);
      return entry !== undefined && entry.served.asked.size > 0;
    },
    threads: () => ledger.open().flatMap(({ request: { threadId } }) => threadId ?? []),
    refused(event) {
      const entry = ledger.get(event);
      if (entry) conclude(entry, { cause: 'refused', answeredBy: 'nobody' });
    },
    revision: ledger.revision,
    seen: ({ key }) => ledger.byKey(key)?.seen ?? 0,
    reconcile(revision, events, predicate) {
      for (const event of events) {
        const { requestId, threadId, turnId } = event;
        const isOld =
          ledger.hasEndedSince(revision, String(requestId), threadId) ||
          ledger.hasEndedSince(revision, turnId, threadId, 'turn');
        if (!isOld) open(event);
      }
      dropUnseen(revision, predicate);
    },
    dropUnseen,
    replaced(event) {
      const entry = ledger.get(event);
      if (entry) settle(entry, 'lost', 'restarted');
      ledger.forget(event);
    },
    restarted(revision) {
      for (const entry of ledger.unseenSince(revision)) settle(entry, 'lost', 'restarted');
      ledger.forget();
    },
    interrupted() {
      for (const entry of ledger.open()) {
        // The next server may repeat all that it says: its answer is for this connection alone.
        const isUnsafe = isWeak(entry.identity) && entry.request.state === 'answering';
        if (isUnsafe) settle(entry, 'lost', 'missed');
      }
      ledger.interrupt();
    },
    close() {
      for (const entry of ledger.open()) {
        settle(entry, answering.isKept(entry) ? 'failed' : 'lost', 'closed');
      }
      isClosed = true;
      serialize(() => {
        for (const subject of [pending, opened, settled, decisions, overdue, serving.errors])
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
