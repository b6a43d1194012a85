import { asyncScheduler, firstValueFrom, of } from 'rxjs';
import { now, ticks } from '../async/index.js';
import type { AppServerRequestPayload, Envelope } from '../envelope/index.js';
import type { StreamLog } from '../text/index.js';
import { AnswerError } from './answer-error.js';
import { createAnswering } from './answering.js';
import { createEmissions } from './emissions.js';
import { createEndings } from './endings.js';
import { Entry } from './entry.js';
import { createFileChanges } from './file-changes.js';
import { createLedger } from './ledger.js';
import { observe } from './observe.js';
import type { RequestPort } from './port.js';
import { publicRequests } from './public-requests.js';
import type { RequestRegistry } from './request-registry.js';
import { identityOf, isWeak, readRequest } from './server-request.js';
import { createServing } from './serving.js';
import { noOutcomes, type Outcome, type SettledBy } from './settlement.js';

/**
 * The requests of a stream.
 *
 * @param overdueAfter How long a request may wait until `overdue$` emits it, in ms.
 * @param log Gets the errors that no subscriber hears.
 */
export function createRequests(
  port: RequestPort,
  overdueAfter = 30_000,
  log: StreamLog | false = console,
): RequestRegistry {
  const ledger = createLedger<Entry>();
  const changes = createFileChanges();
  const emissions = createEmissions(() => ledger.open().map(({ request }) => request));
  const { publish, serialize, subjects, isUnheard } = emissions;
  const counts = { opened: 0, ...noOutcomes };
  let isClosed = false;

  const isListing = () => port.isListing?.() ?? true;

  function settle(entry: Entry, outcome: Outcome, cause: SettledBy): void {
    if (!ledger.end(entry, outcome)) return;
    entry.sending?.unsubscribe();
    entry.watchdog?.unsubscribe();
    counts[outcome]++;
    publish();
    const { answer, by, onSettled, served } = entry;
    if (!served.run && onSettled.length === 0 && isUnheard(subjects.settled)) return;
    const { request } = entry;
    const settledAt = now();
    const waited = settledAt - request.openedAt;
    const settlement = { request, outcome, cause, answer, by, settledAt, waited };
    serialize(() => {
      subjects.settled.next(settlement);
      served.run?.run.end(`it is ${outcome}`);
      for (const callback of onSettled) callback(settlement);
    });
  }

  const answering = createAnswering({
    port,
    isOfConnection: ledger.isOfConnection,
    settle,
    setState(entry, state) {
      if (state === 'answering') entry.watchdog?.unsubscribe();
      entry.update({ state });
      publish();
    },
    decided({ request }, { answer, by, why }) {
      serialize(() => {
        subjects.decisions.next({ request, answer, by, why, at: now() });
      });
    },
    reopened(entry) {
      serialize(() => {
        serving.offer(entry);
      });
    },
  });
  const { conclude } = answering;
  const endings = createEndings(ledger, conclude, isListing);
  const serving = createServing<Entry>({
    entries: ledger.open,
    isOpen: (entry) => ledger.get(entry.identity) === entry,
    give: answering.give,
    serialize,
    errors: subjects.errors,
    log,
  });

  function open(event: Envelope): void {
    const { requestId, threadId } = event;
    const { method } = Object(event.payload) as Partial<AppServerRequestPayload>;
    if (isClosed || requestId === null || typeof method !== 'string') return;
    const identity = identityOf(event);
    const known = ledger.get(identity);
    if (known) ledger.observe(known);
    if (known ?? ledger.outcomeOf(identity)) return;
    const request = readRequest(
      event as Envelope<string, AppServerRequestPayload>,
      requestId,
      // A request with nothing but an id may be a different one when the id is reused.
      port.keyOf?.(event) ?? (isWeak(identity) ? `${identity}${counts.opened}` : identity),
      now(),
      port.answers(method, event),
    );
    const changed = request.kind === 'fileChange' ? changes.of(threadId, request.itemId) : null;
    const entry = new Entry(identity, request, ticks(), changed);
    ledger.add(entry);
    counts.opened++;
    if (subjects.overdue.observed) watch(entry, 0);
    publish();
    if (serving.isIdle() && isUnheard(subjects.opened)) return;
    serialize(() => {
      subjects.opened.next(entry.request);
      serving.offer(entry);
    });
  }

  /** Waits until a request is overdue, once. */
  function watch(entry: Entry, waited: number): void {
    if (entry.watchdog || entry.announced.state !== 'open') return;
    entry.watchdog = asyncScheduler.schedule(
      () => {
        subjects.overdue.next(entry.request);
      },
      Math.max(0, overdueAfter - waited),
    );
  }

  function find(request: { readonly key: string } | Envelope): Entry | AnswerError {
    const identity = 'key' in request ? request.key : identityOf(request);
    const entry = 'key' in request ? ledger.byKey(identity) : ledger.get(identity);
    if (entry) return entry;
    const outcome = ledger.outcomeOf(identity);
    return outcome
      ? new AnswerError('settled', `The request is settled already: ${outcome}.`)
      : new AnswerError('unknown', 'No such request is open here.');
  }

  function filesChanged(event: Envelope): void {
    const item = changes.observe(event);
    if (item === null) return;
    for (const entry of ledger.ofThread(event.threadId)) {
      const { itemId, threadId, kind } = entry.announced;
      if (itemId !== item || kind !== 'fileChange') continue;
      entry.update({}, changes.of(threadId, item));
      publish();
    }
  }

  const observed = { ...endings, open, filesChanged };

  return {
    requests: publicRequests({
      subjects,
      look: emissions.look,
      watch() {
        const at = ticks();
        for (const entry of ledger.open()) watch(entry, Math.round(at - entry.openedTicks));
      },
      get: (key) => ledger.byKey(key)?.request,
      find,
      answering,
      serving,
      refresh: (threads) =>
        firstValueFrom(port.refresh?.(threads) ?? of(false), { defaultValue: false }),
      stats: () => ({
        ...counts,
        late: serving.late(),
        recovery: port.recovery?.() ?? null,
      }),
      wanted: (isWanted) => port.wanted?.(isWanted),
    }),
    open,
    announce(event) {
      const known = ledger.get(identityOf(event));
      open(event);
      if (known) answering.redeliver(known);
      return known === undefined;
    },
    observe(event) {
      observe(event, observed);
    },
    ...endings,
    isServed(event) {
      const entry = ledger.get(identityOf(event));
      return entry !== undefined && entry.served.asked.size > 0;
    },
    threads: () => ledger.open().flatMap(({ announced: { threadId } }) => threadId ?? []),
    mayEnd: (threadId) => threadId === null || isListing() || ledger.isWaiting(threadId),
    refused(event) {
      const entry = ledger.get(identityOf(event));
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
      endings.dropUnseen(revision, predicate);
    },
    replaced(event) {
      const identity = identityOf(event);
      const entry = ledger.get(identity);
      if (entry) settle(entry, 'lost', 'restarted');
      ledger.forget(identity);
    },
    restarted(revision) {
      for (const entry of ledger.unseenSince(revision)) settle(entry, 'lost', 'restarted');
      ledger.forget();
    },
    interrupted() {
      for (const entry of ledger.open()) {
        // The next server may repeat all that it says: its answer is for this connection alone.
        const isUnsafe = isWeak(entry.identity) && entry.announced.state === 'answering';
        if (isUnsafe) settle(entry, 'lost', 'missed');
      }
      ledger.interrupt();
    },
    close() {
      for (const entry of ledger.open()) {
        settle(entry, answering.isKept(entry) ? 'failed' : 'lost', 'closed');
      }
      isClosed = true;
      emissions.complete();
    },
  };
}
