// Watches what one stream says and does about requests. What it says is compared with the truth when
// it is at rest: see truth-audit.mjs.

import { switchMap } from 'rxjs';
import { isGrant, isRefusal, markOf } from './asked.mjs';

/** Errors of answers that somebody, or something, was quicker than. */
const fair = ['taken', 'settled', 'unknown', 'unreachable'];

export function auditClient({ name, source, stream, report, threads, attempts, proofs }) {
  const { requests } = stream;
  /** By mark: when it was opened here, how it ended, who was asked and who answered. */
  const known = new Map();
  const runs = [];
  /** What it was told of. */
  const heard = new Set();
  const completed = [];
  let pending = [];

  const about = (mark) => {
    if (!known.has(mark)) {
      known.set(mark, {
        opened: 0,
        ends: [],
        said: new Set(),
        decisions: [],
        refused: false,
        decidedAt: NaN,
        hasDecided: false,
        astray: false,
        connections: new Set(),
      });
    }
    return known.get(mark);
  };
  /**
   * How often a request may be opened: once. What belongs to no turn may mean another request on the
   * next connection of an app-server, once an answer to it was on its way: see docs/requests.
   */
  const times = (mark) => Math.max(1, about(mark).connections.size);
  const marksOf = (list) => list.map(({ params }) => markOf(params));

  /** Whether the last recovery has learned everything. */
  let isComplete = true;

  stream.gaps$.pipe(switchMap(({ recovery$ }) => recovery$)).subscribe((recovery) => {
    isComplete = recovery.complete;
  });
  requests.opened$.subscribe({
    next({ params }) {
      const mark = markOf(params);
      about(mark).hasDecided = false;
      if (++about(mark).opened > times(mark)) report('opened', `${mark} was opened again`);
    },
    complete: () => completed.push('opened$'),
  });
  requests.settled$.subscribe({
    next(settlement) {
      const mark = markOf(settlement.request.params);
      const { ends, opened } = about(mark);
      ends.push(settlement);
      if (ends.length > times(mark)) report('ends', `${mark} has ended ${ends.length} times`);
      if (opened === 0) report('ends', `${mark} has ended, and was not opened`);
    },
    complete: () => completed.push('settled$'),
  });
  requests.pending$.subscribe({
    next(list) {
      pending = list;
      const marks = marksOf(list);
      if (new Set(marks).size < marks.length) report('opened', `one is pending twice: ${marks}`);
    },
    complete: () => completed.push('pending$'),
  });
  requests.decisions$.subscribe({
    next({ request, answer, by }) {
      const mark = markOf(request.params);
      const { decisions, said } = about(mark);
      decisions.push(answer);
      Object.assign(about(mark), { decidedAt: performance.now(), hasDecided: true });
      const text = JSON.stringify(answer);
      if (!said.has(text) && !isRefusal(answer)) {
        report('approved', `${by} has answered ${mark} with ${text}, which nobody said`);
      }
      // What nothing can refuse is decided once; before it is sent, it may be taken back.
      const isLess = (answer, n) => n > 0 && isGrant(decisions[n - 1]) && !isGrant(answer);
      const first = decisions.filter((answer, n) => !isLess(answer, n));
      if (source === 'app-server' && first.length > times(mark)) {
        report('twice', `${mark} was decided ${decisions.length} times`);
      }
    },
    complete: () => completed.push('decisions$'),
  });
  requests.errors$.subscribe({
    next(error) {
      const { cause } = error;
      if (cause.message === 'as planned') return;
      notCounted(cause);
    },
    complete: () => completed.push('errors$'),
  });

  /** An answer did not count. */
  function notCounted(error) {
    if (!fair.includes(error.kind)) report('process', `an answer failed: ${error.stack ?? error}`);
  }

  return {
    name,
    source,
    stream,
    threads,
    known,
    attempts,
    proofs,
    report,
    notCounted,
    pending: () => pending,
    /** Asks what is pending, if the stream has said that it does not know. */
    async learn() {
      if (isComplete) return false;
      if (source === 'manager') isComplete = await requests.refresh(...threads);
      else {
        const resume = (threadId) => stream.call('thread/resume', { threadId });
        isComplete = await Promise.all(threads.map(resume)).then(
          () => true,
          () => false,
        );
      }
      return true;
    },
    /** The marks of what is being answered here, by the id of the request. */
    answering: (id) =>
      marksOf(pending.filter(({ requestId, state }) => requestId === id && state === 'answering')),
    /** What became of it cannot be told. */
    setAstray: (mark) => (about(mark).astray = true),
    /** Whether an answer was decided here, since it was opened last. */
    hasDecided(mark) {
      const { hasDecided = false, astray } = known.get(mark) ?? {};
      return hasDecided && !astray;
    },
    /** A frame comes: a request that it tells of must be opened. */
    hears({ method, id, params, payload }, connection) {
      if (payload?.signalType === 'request') heard.add(markOf(payload.params));
      else if (method !== undefined && id !== undefined) {
        heard.add(markOf(params));
        if (params.turnId === null) about(markOf(params)).connections.add(connection);
      }
    },
    /** A handler is asked. */
    ran(route, { params }, signal) {
      const mark = markOf(params);
      const run = { mark, route, signal, isOver: false, isRemoved: false };
      const before = runs.filter((other) => other.mark === mark && other.route === route);
      if (before.length >= times(mark)) report('handler', `${route} was asked again for ${mark}`);
      runs.push(run);
      return run;
    },
    /** Code of the user's says that this client cannot answer. */
    refuses: (mark) => (about(mark).refused = true),
    /** Code of the user's gives an answer. */
    says: (mark, answer) => about(mark).said.add(JSON.stringify(answer)),
    removed(route) {
      for (const run of runs) if (run.route === route && !run.isOver) run.isRemoved = true;
    },
    /** Compares what it says with itself. */
    rest() {
      const open = new Set(marksOf(pending));
      const sums = { opened: 0 };
      for (const [mark, { opened, ends }] of known) {
        sums.opened += opened;
        for (const { outcome } of ends) sums[outcome] = (sums[outcome] ?? 0) + 1;
        const expected = opened - (open.has(mark) ? 1 : 0);
        if (ends.length < expected) report('ends', `${mark} was opened, and has no end`);
        if (ends.length > expected) report('ends', `${mark} has ended, and is pending`);
      }
      for (const mark of heard) {
        if (!known.get(mark)?.opened) report('missed', `${mark} was told, and not opened`);
      }
      const { late, ...counts } = requests.stats();
      for (const [figure, is] of Object.entries(counts)) {
        // What was learned of earlier requests is no counter.
        if (figure === 'recovery') continue;
        const should = sums[figure] ?? 0;
        if (is !== should) report('count', `${figure}: ${is} instead of ${should}`);
      }
      if (!(late >= 0)) report('count', `late: ${late}`);
      for (const { mark, route, signal, isOver, isRemoved } of runs) {
        const isSettled = about(mark).ends.length > 0 && !open.has(mark);
        if (!isOver && isSettled && !signal.aborted) {
          report('abort', `${route} was not told that ${mark} is settled`);
        }
        const isAlone = !isSettled && !isRemoved && route !== 'second';
        if (isAlone && signal.aborted) report('abort', `${route} was aborted, and ${mark} is open`);
      }
    },
    /** Checks a stream that is closed. */
    settle() {
      if (pending.length > 0) report('ends', `${marksOf(pending)} did not end with the stream`);
      this.rest();
      const all = ['pending$', 'opened$', 'settled$', 'decisions$', 'errors$'];
      const missing = all.filter((which) => !completed.includes(which));
      if (missing.length > 0) report('ends', `${missing} did not complete`);
    },
    get figures() {
      return { runs: runs.length, late: requests.stats().late };
    },
  };
}
