// Compares what the clients say with the truth of their server.

import { markOf } from './asked.mjs';

export function auditTruth({ truth, source, isSupported }) {
  const raced = { count: 0, astray: 0, kept: 0 };
  /** When the network came back last. */
  let backAt = -Infinity;

  /** What there is to answer in the threads of a client. */
  const pendingFor = ({ threads }) =>
    truth
      .pending()
      .filter((request) => threads.includes(request.threadId) && isSupported(request))
      .map(({ mark }) => mark);
  const marksOf = ({ audit }) => audit.pending().map(({ params }) => markOf(params));
  const without = (list, other) => list.filter((mark) => !other.includes(mark));

  /** Whether a server tells of this end what it would tell of that answer. */
  const isLike = ({ answer }, end) =>
    source === 'app-server' ||
    (end.how === 'answered' &&
      JSON.stringify(answer.decision) === JSON.stringify(end.answer.decision) &&
      answer.success === end.answer.success);

  return {
    /**
     * `count`: answers that another client was quicker than, where the server does not say whose it
     * took. `astray`: answers that were on their way when codex-manager restarted, after it had
     * proven that it was there: REST knows a bare id, so no client can close this. `kept`: answers
     * that were decided before the network came back, and arrived after that.
     */
    raced,
    /**
     * An answer comes: it must be what its client has decided about this very request, once for each
     * time that it is asked, and not again when it knows that it was taken.
     */
    heard({ mark, told, received }, { name, audit, report }, { via, answer }) {
      if (source === 'manager' && isAstray(mark, audit, report, via)) return;
      const { decisions = [], refused, decidedAt } = audit.known.get(mark) ?? {};
      if (decidedAt < backAt) raced.kept++;
      const text = JSON.stringify(answer);
      const isDecided = decisions.some((one) => JSON.stringify(one) === text);
      const isRefused = 'error' in answer && refused;
      if (!isDecided && !isRefused) report('carried', `${mark} got ${text}, which is not for it`);
      const own = received.filter(({ by }) => by === name);
      if (source === 'app-server') {
        const given = own.filter((one) => one.via === via).length;
        const times = told.get(via) ?? 0;
        if (given > times) report('twice', `${mark} was told ${times} times, answered ${given}`);
        return;
      }
      const attempt = audit.attempts.get(via);
      for (const other of own.map((one) => audit.attempts.get(one.via))) {
        if (other === attempt) continue;
        // The network may hold one back until after the next one.
        const [before, after] = [attempt, other].sort((a, b) => a.startedAt - b.startedAt);
        const isOver = before.endedAt <= after.startedAt && !isSure(before.status);
        if (!isOver) report('twice', `${mark} was answered again, after ${before.status}`);
      }
    },
    isEqual(client) {
      const [here, there] = [marksOf(client), pendingFor(client)];
      return here.length === there.length && without(here, there).length === 0;
    },
    /** The network comes back. */
    back: () => (backAt = performance.now()),
    /** What the server waits for, and a client has decided. */
    undelivered: ({ audit, threads }) =>
      truth
        .pending()
        .filter(({ threadId, mark }) => threads.includes(threadId) && audit.hasDecided(mark))
        .map(({ mark }) => mark),
    /** Compares what is pending, now that everybody has heard everything. */
    rest(client) {
      for (const mark of this.undelivered(client)) {
        client.report('lost', `${mark} was decided here, and the server waits for it`);
      }
      const [here, there] = [marksOf(client), pendingFor(client)];
      for (const mark of without(here, there)) {
        client.report('left', `${mark} is pending, and the server has forgotten it${told(mark)}`);
      }
      for (const mark of without(there, here)) {
        client.report('forgotten', `${mark} is not pending, and the server waits for it`);
      }
      for (const { params, state } of client.audit.pending()) {
        if (state === 'open') continue;
        client.report('stuck', `${markOf(params)} is ${state}, and its answer went nowhere`);
      }
    },
    /** Compares what became of each request. */
    end(clients) {
      for (const request of truth.all) {
        for (const client of clients) {
          outcome(client, request);
        }
      }
    },
  };

  /** Whether an answer was meant for a request that had this id in an earlier process. */
  function isAstray(mark, { known, attempts, proofs, setAstray }, report, via) {
    const attempt = attempts.get(via);
    const { marks } = attempt;
    const earlier = marks.find((other) => other !== mark);
    if (earlier === undefined) return false;
    setAstray(earlier);
    if (marks.includes(mark)) {
      // It is not known which of the two it is.
      return false;
    }
    const { process } = truth.all.find((request) => request.mark === earlier);
    setAstray(mark);
    // Each attempt is preceded by a proof of its own.
    const before = [...attempts.values()]
      .filter((one) => one.marks.includes(earlier) && one.startedAt < attempt.startedAt)
      .map(({ endedAt }) => endedAt)
      .filter((endedAt) => endedAt > 0);
    if (proofs.get(process) > Math.max(known.get(earlier).decidedAt, ...before)) raced.astray++;
    else report('misdirected', `${mark} got the answer to ${earlier}`);
    return true;
  }

  function told(mark) {
    const { end } = truth.all.find((request) => request.mark === mark) ?? {};
    return end ? ` (${end.how}, ${end.by ?? 'by nobody'})` : '';
  }

  function outcome({ name, audit, report }, { mark, turnId, end }) {
    const [settlement] = audit.known.get(mark)?.ends ?? [];
    if (settlement === undefined || settlement.cause === 'closed') return;
    const { outcome, cause } = settlement;
    const say = (what) => report('untrue', `${mark} is ${outcome} (${cause}), and ${what}`);
    if (end === null) {
      say('the server waits for it');
      return;
    }
    if (audit.known.get(mark).astray) return;
    const isOurs = end.how === 'answered' && end.by === name;
    switch (outcome) {
      case 'answered':
        if (isOurs) break;
        // Neither server tells whose answer it took: codex-manager tells what it was, as a word.
        if (cause !== 'accepted' && isLike(settlement, end)) raced.count++;
        else say(`it was ${end.how} by ${end.by}`);
        break;
      case 'answered-elsewhere':
        if (isOurs) say('it was answered here');
        // Of what belongs to no turn the server says no more than that it is over.
        else if (end.how !== 'answered' && turnId !== null) say(`it was ${end.how}`);
        break;
      case 'expired':
        if (end.how === 'answered') say(`it was answered by ${end.by}`);
        break;
      case 'failed':
        // It says so when it sends the error, and no server tells whether that came first.
        if (end.how !== 'refused' && !audit.known.get(mark).refused)
          say(`it was ${end.how} by ${end.by}`);
    }
  }
}

/** Whether a reply to an answer leaves nothing open. */
const isSure = (status) => [200, 404, 410].includes(status);
