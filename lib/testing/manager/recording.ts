import { findThreadId } from '../../envelope/index.js';
import type { Members } from '../codex/thread.js';
import { allKinds } from './requests.js';
import { aliasTypes } from './signals.js';
import { withoutRepeats, type PlayedStep } from '../servers/play-recording.js';
import type { RecordedEntry } from '../../recording/index.js';

/** What is not played: control frames, and what codex-manager derives from Codex's messages. */
const derived: ReadonlySet<unknown> = new Set([
  ...['ready', 'pong', 'error', 'notification', 'server_request'],
  ...aliasTypes,
  ...allKinds.map(({ requestedType: asked }) => asked),
]);

interface Frame {
  readonly type: string;
  readonly payload: Members;
}

/** What was done in a recording of codex-manager's stream, whichever sockets received it. */
export function managerSteps(entries: readonly RecordedEntry[]): readonly PlayedStep[] {
  const frames = withoutRepeats(entries, ({ dir, frame }) => {
    const { type } = Object(frame) as { type?: unknown };
    return dir !== 'in' || typeof type !== 'string' || derived.has(type)
      ? null
      : JSON.stringify(frame);
  });
  return frames.flatMap(([at, { t, frame }]) => stepOf({ t, at }, frame as Frame) ?? []);
}

function stepOf(place: { t: number; at: number }, frame: Frame): PlayedStep | null {
  const { type, payload } = frame;
  const kind = allKinds.find(({ resolvedType: resolved }) => resolved === type);
  if (kind) {
    const { status, decision, scope, success, [kind.idName]: id } = payload;
    // What expires does so by itself.
    if (status !== 'resolved') return null;
    const settlement = success === undefined ? { decision, scope } : { success };
    const result = success === undefined ? { decision } : { success, contentItems: [] };
    return { ...place, kind: 'answer', id: Number(id), answer: { result }, settlement };
  }
  if (!type.startsWith('app_server.')) return { ...place, kind: 'frame', frame };
  const { signalType, method, params, requestId } = payload as {
    readonly signalType: string;
    readonly method: string;
    readonly params: Members;
    readonly requestId?: number;
  };
  const threadId = findThreadId({ params });
  return signalType === 'request'
    ? {
        ...place,
        kind: 'request',
        id: Number(requestId),
        threadId: String(threadId),
        method,
        params,
      }
    : { ...place, kind: 'notification', threadId, method, params };
}
