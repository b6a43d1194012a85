// One stream, watched from both ends: what its transport tells, and what comes out of it.

import { connectManager, managerDuplicates, matching } from 'codex-rx';
import { openWebSocket } from 'codex-rx';
import { auditDelivery } from './delivery-audit.mjs';
import { auditGaps } from './gap-audit.mjs';
import { auditLinks } from './link-audit.mjs';
import { auditStatus } from './status-audit.mjs';

/**
 * @param control a deliberate bug: `transport` is one below the audit of the links, `delivery` one
 *   between that and the stream, `stream` one above it.
 */
export function startClient({ name, url, random, journal, control, transport }) {
  const report = (kind, message) =>
    journal.violation(kind, message, { stream: name, connection: status.current.connection });
  const same = (it) => it;
  const { transport: below = same, delivery: between = same, stream: above = same } = control;

  const routed = auditDelivery('a handler', report);
  const emitted = auditDelivery('events$', report);
  const links = auditLinks(report, [routed, emitted]);
  const gaps = auditGaps(report, links, emitted);
  const status = auditStatus(report, links, changed);
  const completed = [];
  const abort = new AbortController();
  let malformed = 0;

  const socket = below(transport(openWebSocket, random), random.fork('bug'));
  const stream = above(
    connectManager({
      url,
      threadId: name,
      signal: abort.signal,
      ignore: managerDuplicates,
      connectTimeout: 300,
      heartbeat: { interval: 100, timeout: 100 },
      reconnect: { base: 5, cap: 50, stableAfter: 100 },
      random: random.next,
      log: false,
      transport: between(links.watch(socket), random.fork('bug')),
    }),
    random.fork('bug'),
  );

  function changed(state, before) {
    if (before.phase === 'ready' && state !== 'ready') gaps.ended();
    if (state === 'opened') for (const heir of [routed, emitted]) heir.begin();
    if (state === 'ready' && before.phase !== 'ready') gaps.ready(status.current);
  }

  const complete = (which) => () => completed.push(which);
  stream.status$.subscribe(status.first);
  stream.status$.subscribe(status.second);
  stream.status$.subscribe({ complete: complete('status$') });
  stream.gaps$.subscribe({ next: gaps.gap, complete: complete('gaps$') });
  stream.malformed$.subscribe({
    next({ connection }) {
      malformed++;
      const { telling } = links;
      if (telling === null || telling.isLeft) report('stale', 'an unreadable frame of no link');
      if (connection !== status.current.connection) report('status', `a frame of ${connection}`);
    },
    complete: complete('malformed$'),
  });
  stream.router.errors$.subscribe(({ message }) => report('process', message));
  stream.on(
    matching(() => true),
    (event, context) => {
      routed.delivered(event, links.telling);
      const { connection } = status.current;
      if (status.name !== 'ready') report('status', `an event while ${status.name}`);
      if (context.connection !== connection) {
        report('status', `an event of connection ${context.connection} in ${connection}`);
      }
    },
  );
  stream.events$.subscribe({
    next(event) {
      emitted.delivered(event, links.telling);
      gaps.event(event);
    },
    complete: complete('events$'),
  });

  return {
    name,
    stream,
    links,
    status,
    gaps,
    emitted,
    signal: abort.signal,
    abort: () => abort.abort(),
    report,
    /** Checks a stream that is closed. */
    settle() {
      const { totals } = links;
      const { received, ignored, parsed, dispatched, malformed: told } = stream.metrics();
      const figures = {
        received: [received, totals.received],
        ignored: [ignored, totals.ignored],
        malformed: [told, totals.unreadable],
        'told on malformed$': [malformed, totals.unreadable],
        parsed: [parsed, totals.received - totals.ignored - totals.unreadable],
        dispatched: [dispatched, totals.events],
        'delivered on events$': [emitted.count, totals.events],
        'delivered to a handler': [routed.count, totals.events],
        gaps: [gaps.count, Math.max(0, status.readies - 1)],
      };
      for (const [figure, [is, shouldBe]] of Object.entries(figures)) {
        if (is !== shouldBe) report('count', `${figure}: ${is} instead of ${shouldBe}`);
      }
      if (links.current !== null) report('links', 'a link is left over');
      const missing = ['events$', 'status$', 'gaps$', 'malformed$'].filter(
        (which) => !completed.includes(which),
      );
      if (missing.length > 0) report('end', `${missing.join()} did not complete`);
    },
  };
}
