import { Subject, Subscription, type Observable } from 'rxjs';
import { now } from '../async/index.js';
import { createBoundedMap } from '../bounded/index.js';
import type { Envelope } from '../envelope/index.js';
import { managerDuplicates } from '../manager/index.js';
import { has, mustBe, mustBeKnown } from '../options/index.js';
import { isReady, type ConnectionStatus } from '../socket/index.js';
import { frameText, type CodexStream, type FrameText, type Gap } from '../stream/index.js';
import { unheard } from '../text/index.js';
import { followAll } from './follow-all.js';
import { frameOf, isFrameOf, type GatewayFrame } from './frames.js';
import type { Log } from './log.js';
import { createRequestTable, type RequestTable } from './request-table.js';
import { createSlabs } from './slabs.js';

/** A log that is fed by a stream. */
export interface Feed {
  readonly log: Log;
  readonly stream: CodexStream;
  /** Stops feeding; the stream stays open as long as others keep it. */
  close(): void;
}

/** The options of `feedLog`. */
export interface FeedOptions {
  /**
   * Whose events come of a `codex app-server` that others use too: those of the threads that the
   * stream has started or resumed (`own`), or of all that the server has loaded (`all`). Other
   * sources send the events of every thread.
   *
   * @default 'own'
   */
  readonly follow?: 'own' | 'all';
}

/** What the gateway needs of a feed. */
export interface FeedState extends Feed {
  readonly requests: RequestTable;
  /** Whether the source can be asked now. */
  isThere(): boolean;
  /** Emits when the source is back after a gap, in which events were lost. */
  readonly back$: Observable<void>;
  /** Where a read of a thread stands in the log. */
  placeOf(threadId: string): ThreadPlace;
  /** The turn that runs in a thread. */
  turnId(threadId: string): string | null;
}

/** Where a read of a thread stands in the log, as the read carries it. */
export interface ThreadPlace {
  readonly epoch: string;
  /** The newest number when it was read. */
  readonly seq: number;
  /** The number after which the turn that runs begins; `seq` if none runs. */
  readonly turnSeq: number;
}

const feeds = /* @__PURE__ */ new WeakSet<Feed>();

/** @throws TypeError for what `feedLog` has not made. */
export function stateOf(feed: Feed): FeedState {
  mustBe(feeds.has(Object(feed) as Feed), 'feed', 'what feedLog has made');
  return feed as FeedState;
}

/** What codex-manager sends as well as an event that says the same to the same clients. */
const copies: ReadonlySet<string> = /* @__PURE__ */ new Set([
  'approval',
  'tool_call_requested',
  'tool_user_input_requested',
  'turn_plan_updated',
  'turn_diff_updated',
  'thread_token_usage_updated',
  ...managerDuplicates.filter((type) => !type.endsWith('*')),
]);

const copyPrefixes = /* @__PURE__ */ managerDuplicates
  .filter((type) => type.endsWith('*'))
  .map((type) => type.slice(0, -1));

const isCopy = ({ type }: Envelope): boolean =>
  copies.has(type) || copyPrefixes.some((prefix) => type.startsWith(prefix));

/** How many threads with a turn that runs are remembered. */
const maxTurns = 10_000;

/**
 * Writes the events of a stream to a log, from now on, and keeps the stream open. It outlives the
 * servers that serve it: begin it once for each source, before the stream connects. On a log that
 * has entries it writes a `gateway.gap` first.
 *
 * @example
 * const feed = feedLog(stream, memoryLog());
 * const gateway = await serveGateway(feed, { origins: ['https://codex.example.org'] });
 *
 * @throws TypeError that names what is wrong.
 */
export function feedLog(stream: CodexStream, log: Log, options: FeedOptions = {}): Feed {
  mustBeKnown('', options, ['follow']);
  const { follow = 'own' } = options;
  mustBe(['own', 'all'].includes(follow), 'follow', "'own' or 'all'");
  const isStream = typeof (Object(stream) as Partial<CodexStream>).events$ === 'object';
  mustBe(isStream, 'stream', 'a CodexStream');
  mustBe(has(log, 'append') && has(log, 'read'), 'log', 'a Log, such as memoryLog()');
  mustBe(/^[\w-]{1,64}$/.test(log.epoch), 'log.epoch', 'letters, digits, _ and -');
  const subscription = new Subscription();
  // Requests of codex-manager are followed from the first look on.
  const requests = createRequestTable(stream.requests, log.epoch);
  const back = new Subject<void>();
  const turns = createBoundedMap<string, { readonly seq: number; readonly turnId: string | null }>(
    maxTurns,
  );
  const { [frameText]: textOf = () => null } = stream as { readonly [frameText]?: FrameText };
  const encode = createSlabs();
  let status: ConnectionStatus = { state: 'idle' };

  function append({ type, threadId }: Envelope | GatewayFrame, json: string, key?: string | null) {
    log.append({ type, threadId, requestKey: key ?? null, at: now(), frame: encode(json) });
  }

  /** Says what happened to the source: to every client that has numbers. */
  function note(type: string, payload: object): void {
    const frame = { type: `gateway.${type}`, threadId: null, payload };
    append(frame, JSON.stringify(frame));
  }

  function observe(event: Envelope): void {
    if (isCopy(event)) return;
    const { type, threadId, turnId } = event;
    if (threadId !== null && type === 'app_server.turn.started') {
      turns.set(threadId, { seq: log.last, turnId });
    } else if (threadId !== null && turnEnds.has(type)) turns.delete(threadId);
    const text = event.requestId === null ? textOf(event) : null;
    if (text !== null && isFrameOf(event, text)) {
      append(event, text);
      return;
    }
    const { frame, requestKey } = frameOf(event, requests);
    append(event, JSON.stringify(frame), requestKey);
  }

  function noteGap({ connection, since, duration, replay, recovery$ }: Gap): void {
    // Everything came, late: there is nothing to report.
    if (replay?.complete) return;
    note('gap', { connection, since, duration });
    back.next();
    subscription.add(
      recovery$.subscribe(({ complete, restarted = null }) => {
        if (restarted === true) turns.clear();
        note('recovered', { connection, complete, restarted });
      }),
    );
  }

  /** Says that events are missing in the log, of which nothing more is known. */
  function noteMissing(): void {
    note('gap', { connection: 0, since: now(), duration: 0 });
    back.next();
    note('recovered', { connection: 0, complete: false, restarted: null });
  }

  if (log.last > 0) noteMissing();
  subscription.add(log.resumed$?.subscribe(noteMissing));
  subscription.add(stream.gaps$.subscribe(noteGap));
  subscription.add(
    unheard(stream.malformed$).subscribe(({ reason, bytes }) => {
      note('malformed', { reason, bytes });
    }),
  );
  subscription.add(stream.status$.subscribe((next) => (status = next)));
  subscription.add(stream.events$.subscribe(observe));
  if (follow === 'all') subscription.add(followAll(stream).subscribe());

  const feed: FeedState = {
    log,
    stream,
    requests,
    back$: back,
    isThere: () => isReady(status) && status.upstream !== 'down',
    placeOf: (threadId) => ({
      epoch: log.epoch,
      seq: log.last,
      turnSeq: turns.get(threadId)?.seq ?? log.last,
    }),
    turnId: (threadId) => turns.get(threadId)?.turnId ?? null,
    close() {
      subscription.unsubscribe();
      requests.stop();
    },
  };
  feeds.add(feed);
  return feed;
}

/** What ends the turn of a thread. */
const turnEnds: ReadonlySet<string> = /* @__PURE__ */ new Set([
  'app_server.turn.completed',
  'app_server.thread.closed',
  'app_server.thread.deleted',
]);
