import { findThreadId } from '../envelope/index.js';
import type { Members } from './codex-thread.js';
import type { FakeAnswer } from './fake-answer.js';
import { firstOfEach, type PlayedStep, type RecordingEntry } from './play-recording.js';

/** What each client is told when it comes: the server does so by itself. */
const greetings: ReadonlySet<unknown> = new Set(['configWarning', 'remoteControl/status/changed']);

interface Frame {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Members;
}

/** What was done in a recording of `codex app-server`, whichever clients heard it. */
export function appServerSteps(entries: readonly RecordingEntry[]): readonly PlayedStep[] {
  const asked = new Set<unknown>();
  /** What each client heard of last: rate limits go to who follows that. */
  const lastThreads = new Map<string | undefined, string | null>();
  const threads = entries.map(({ client, frame }) => {
    const { params } = Object(frame) as Frame;
    const threadId = findThreadId({ params }) ?? lastThreads.get(client) ?? null;
    lastThreads.set(client, threadId);
    return threadId;
  });
  const heard = firstOfEach(entries, ({ dir, frame }) => {
    const { id, method } = Object(frame) as Frame;
    if (dir === 'out') return id === undefined || method !== undefined ? null : `answer ${id}`;
    return dir !== 'in' || method === undefined || greetings.has(method)
      ? null
      : JSON.stringify(frame);
  });
  return heard.flatMap(([at, { t, frame }]): readonly PlayedStep[] => {
    const { id, method, params = {}, ...answer } = frame as Frame;
    if (method === undefined) {
      const given = answer as unknown as FakeAnswer;
      return [{ t, at, kind: 'answer', id: Number(id), answer: given, told: {} }];
    }
    const named = findThreadId({ params });
    if (id === undefined) {
      const isOfThread = method === 'account/rateLimits/updated';
      const threadId = named ?? (isOfThread ? (threads[at] ?? null) : null);
      return [{ t, at, kind: 'notification', threadId, method, params }];
    }
    // Who resumes a thread is asked again.
    if (asked.has(id)) return [];
    asked.add(id);
    return [{ t, at, kind: 'request', id, threadId: String(named), method, params }];
  });
}
