import { findThreadId } from '../../envelope/index.js';
import type { Members } from '../codex/thread.js';
import type { FakeAnswer } from '../codex/answer.js';
import { withoutRepeats, type PlayedStep } from '../servers/play-recording.js';
import type { RecordedEntry } from '../../recording/index.js';

/** What a client receives because it connects, or asks for the turns of a thread. */
const reactions: ReadonlySet<unknown> = new Set([
  'configWarning',
  'deprecationNotice',
  'remoteControl/status/changed',
]);

interface Frame {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Members;
}

const frameOf = ({ frame }: RecordedEntry) => Object(frame) as Frame;

/** What was done in a recording of `codex app-server`, whichever clients received it. */
export function appServerSteps(entries: readonly RecordedEntry[]): readonly PlayedStep[] {
  const threads = threadsOf(entries);
  const reactionsToResume = framesOfResumes(entries);
  const frames = withoutRepeats(entries, (entry) => {
    const { id, method } = frameOf(entry);
    if (entry.dir === 'out')
      return id === undefined || method !== undefined ? null : `answer ${id}`;
    const isReaction =
      method === undefined || reactions.has(method) || reactionsToResume.repeated.has(entry);
    const identity = JSON.stringify(entry.frame);
    return entry.dir !== 'in' || isReaction || reactionsToResume.sent.has(identity)
      ? null
      : identity;
  });
  const steps = frames.map(([at, entry]): PlayedStep => {
    const { t } = entry;
    const { id, method, params = {}, ...answer } = frameOf(entry);
    if (method === undefined) {
      const given = answer as unknown as FakeAnswer;
      return { t, at, kind: 'answer', id: Number(id), answer: given, settlement: {} };
    }
    const named = findThreadId({ params });
    if (id !== undefined) {
      return { t, at, kind: 'request', id, threadId: String(named), method, params };
    }
    const isOfThread = method === 'account/rateLimits/updated';
    const threadId = named ?? (isOfThread ? (threads[at] ?? null) : null);
    return { t, at, kind: 'notification', threadId, method, params };
  });
  const news = [...reactionsToResume.sent.values()].filter((step) => step !== null);
  return [...steps, ...news].sort((one, other) => one.at - other.at);
}

/** The thread of the last event of each client: rate limits go to the clients that follow it. */
function threadsOf(entries: readonly RecordedEntry[]): readonly (string | null)[] {
  const last = new Map<string | undefined, string | null>();
  return entries.map((entry) => {
    const { params } = frameOf(entry);
    const threadId = findThreadId({ params }) ?? last.get(entry.sock) ?? null;
    last.set(entry.sock, threadId);
    return threadId;
  });
}

interface Resumed {
  /** Notifications; with a step if the notification is to be sent before the resume. */
  readonly sent: ReadonlyMap<string, PlayedStep | null>;
  /** Requests that were sent again. */
  readonly repeated: ReadonlySet<RecordedEntry>;
}

/**
 * What the server sent because a thread was resumed: the fake does so by itself. But a usage that
 * no client had received before had been announced without a listener: it is played before the
 * resume.
 */
function framesOfResumes(entries: readonly RecordedEntry[]): Resumed {
  const sent = new Map<string, PlayedStep | null>();
  const repeated = new Set<RecordedEntry>();
  for (const [at, call] of entries.entries()) {
    const { id, method } = frameOf(call);
    if (call.dir !== 'out' || method !== 'thread/resume') continue;
    const own = entries.slice(at).filter(({ dir, sock }) => dir === 'in' && sock === call.sock);
    const reply = own.findIndex((one) => frameOf(one).id === id && !frameOf(one).method);
    for (const one of own.slice(reply + 1)) {
      const { id, method, params = {} } = frameOf(one);
      const isUsage = method === 'thread/tokenUsage/updated';
      if (method === undefined) break;
      if (id !== undefined) repeated.add(one);
      else if (isUsage || method === 'thread/goal/cleared') {
        const threadId = findThreadId({ params });
        const isNews = isUsage && !isReceived(entries.slice(0, at), params);
        const step = { t: call.t, at, kind: 'notification', threadId, method, params } as const;
        sent.set(JSON.stringify(one.frame), isNews ? step : null);
      } else break;
    }
  }
  return { sent, repeated };
}

const isReceived = (entries: readonly RecordedEntry[], params: Members): boolean =>
  entries.some((entry) => JSON.stringify(frameOf(entry).params) === JSON.stringify(params));
