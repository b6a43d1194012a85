// One stream, its handlers, and the audit of what it does about requests.

import { platformFetch } from '#websocket';
import { connectManager, ofAppServerRequest, openWebSocket } from 'codex-rx';
import { connectAppServer } from 'codex-rx/node';
import { auditLinks } from '../link-audit.mjs';
import { auditStatus } from '../status-audit.mjs';
import { watchAttempts } from './attempts.mjs';
import { auditClient } from './client-audit.mjs';
import { createHandlers } from './handlers.mjs';

/** Waits are short: the faults come fast. */
const brisk = {
  connectTimeout: 300,
  heartbeat: { interval: 100, timeout: 100 },
  reconnect: { base: 5, cap: 50, stableAfter: 100 },
};

const yes = () => true;
const no = () => false;

/**
 * @param control a deliberate bug: `transport` and `fetch` are below the stream, `stream` is above it,
 *   and `handler` around each handler.
 * @param settings of the stream; `jitter`: the most that a wait of it is of its limit; `patience`:
 *   how much longer than usual its handlers take.
 */
export function startRequestClient({
  name,
  source,
  url,
  threads,
  random,
  journal,
  control,
  transport,
  settings = brisk,
  jitter = 0.1,
  patience = 1,
}) {
  const report = (kind, message) =>
    journal.violation(kind, message, { stream: name, connection: status.current.connection });
  const same = (it) => it;
  const { transport: below = same, fetch: between = same, stream: above = same } = control;
  const abort = new AbortController();
  const { attempts, proofs, heard, watch } = watchAttempts((id) => audit.answering(id));

  const links = auditLinks(report, []);
  const status = auditStatus(report, links, () => {
    if (status.name === 'ready') readyAt = performance.now();
  });
  let readyAt = Infinity;

  /** Tells the audit what the stream is told. */
  const hearing = (openTransport) => (request, events) =>
    openTransport(request, {
      ...events,
      text(text, ...rest) {
        const frame = JSON.parse(text);
        if (frame.type === 'pong') heard(frame.process);
        if (!links.telling.isLeft) audit.hears(frame, status.current.connection);
        events.text(text, ...rest);
      },
    });

  const options = {
    ...settings,
    url,
    headers: { 'x-client': name },
    signal: abort.signal,
    // Also for the waits between two attempts to answer: they are short, too.
    random: () => jitter * random.next(),
    log: false,
    transport: hearing(links.watch(below(transport(openWebSocket, random), random.fork('bug')))),
  };
  const bare =
    source === 'manager'
      ? connectManager({
          ...options,
          health: false,
          fetch: between(watch(platformFetch()), random.fork('bug')),
          ...(threads.length === 1 && { threadId: threads[0] }),
        })
      : connectAppServer(options);
  const stream = above(bare, random.fork('bug'));

  const audit = auditClient({ name, source, stream, report, threads, attempts, proofs });
  const handlers = createHandlers({ stream, audit, random, source, control, patience });
  stream.status$.subscribe(status.first);
  stream.status$.subscribe(status.second);
  stream.router.errors$.subscribe(({ message }) => report('process', message));
  stream.malformed$.subscribe(({ message }) => report('process', message));
  const hasHeard = new Set();
  stream.events$.subscribe(({ threadId }) => hasHeard.add(threadId));
  // A third way to answer: by the event, each time that it arrives.
  stream.events$.pipe(ofAppServerRequest('item/tool/call')).subscribe(handlers.event);

  return {
    name,
    source,
    stream,
    threads,
    links,
    status,
    audit,
    handlers,
    /** The threads that it knows of. */
    hasHeard,
    report,
    signal: abort.signal,
    abort: () => abort.abort(),
    /** How long it has been ready, in milliseconds. */
    get readyFor() {
      return status.name === 'ready' ? performance.now() - readyAt : 0;
    },
    /** Gets what happens in its threads, however often its connection is lost meanwhile. */
    async begin() {
      await stream.connect();
      for (const threadId of source === 'manager' ? [] : threads) {
        const isFollowed = () => stream.call('thread/resume', { threadId }).then(yes, no);
        while (!(await isFollowed()));
      }
    },
  };
}
