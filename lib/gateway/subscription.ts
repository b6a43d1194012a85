import { reaches } from '../manager/stream-protocol.js';
import { maySee, type GatewayIdentity } from './identity.js';
import { readPosition, type Log, type LogEntry } from './log.js';

/** Frames of the gateway's own say what happened to the source: numbered clients need all. */
const isOwn = ({ type }: LogEntry): boolean => type.startsWith('gateway.');

/** The account events of an app-server, which has none of codex-manager's. */
const accountEvent = 'app_server.account.';

/** Whether a client gets an entry. */
export function isFor(
  entry: LogEntry,
  filter: string | null,
  identity: GatewayIdentity,
  isNumbered: boolean,
): boolean {
  if (isOwn(entry)) return isNumbered;
  if (!maySee(identity, entry.threadId)) return false;
  return reaches(entry, filter) || entry.type.startsWith(accountEvent);
}

/** What a client that names a position gets of what it missed. */
export interface Replay {
  /** Whether it gets all of it. */
  readonly complete: boolean;
  /**
   * Why not: the `log` has forgotten the first of it; the position is of another `epoch`, or of the
   * `future`.
   */
  readonly reason: 'log' | 'epoch' | 'future' | null;
  /** The number of the first entry that is replayed; `null`: none is. */
  readonly from: number | null;
}

/** Where a client begins to read. */
export interface Start {
  /** Whether its frames have numbers. */
  readonly isNumbered: boolean;
  readonly after: number;
  /** `null`: it names no position. */
  readonly replay: Replay | null;
}

/** Where a client begins, by its `after`: `null` for one that knows nothing of numbers. */
export function startOf(log: Log, after: string | null): Start {
  const { epoch, first, last } = log;
  if (after === null) return { isNumbered: false, after: last, replay: null };
  const position = readPosition(after);
  if (position === null && after === '') return { isNumbered: true, after: last, replay: null };
  const liveOnly = (reason: 'epoch' | 'future'): Start => ({
    isNumbered: true,
    after: last,
    replay: { complete: false, reason, from: null },
  });
  if (position?.epoch !== epoch) return liveOnly('epoch');
  if (position.seq > last) return liveOnly('future');
  const complete = position.seq + 1 >= first;
  const from = complete ? position.seq + 1 : first;
  const reason = complete ? null : 'log';
  return { isNumbered: true, after: from - 1, replay: { complete, reason, from } };
}

/** The first frame of a connection. */
export function readyFrame(
  log: Log,
  base: string,
  threadId: string | null,
  { isNumbered, replay }: Start,
  { answers = false }: GatewayIdentity,
): object {
  if (!isNumbered) return { type: 'ready', threadId };
  const { epoch, first, last: seq } = log;
  const requests = `${base}/api/requests`;
  const gateway = { version: 1, epoch, seq, first, answers, requests, replay };
  return { type: 'ready', threadId, gateway };
}
