import type { AppServerRequestPayload, Envelope } from '../envelope/index.js';
import type { Endings } from './endings.js';

/** What is done with what an event says of requests. */
export interface Observed extends Omit<Endings, 'dropUnseen'> {
  open: (event: Envelope) => void;
  /** An item with changes of files begins, or its patch is updated. */
  filesChanged: (event: Envelope) => void;
}

const requestPrefix = 'app_server.request.';

const isRequestType = (type: string): boolean => type.startsWith(requestPrefix);

/** Notifications that end requests: they mean nothing to a thread without open ones. */
export const ending: readonly string[] = [
  'app_server.server_request.resolved',
  'app_server.item.completed',
  'app_server.turn.completed',
  'app_server.thread.closed',
  'app_server.thread.deleted',
];

/** Notifications that say something of requests. */
const telling = ['app_server.item.started', 'app_server.item.file_change.patch_updated', ...ending];

/**
 * Tells from its type whether an event may say something of requests. Each event is asked, and most
 * say nothing: one look at a Set is all that they cost.
 *
 * @param own More types, of one source alone.
 */
export function createConcern(own: readonly string[] = []): (type: string) => boolean {
  const types = new Set([...telling, ...own]);
  return (type) => types.has(type) || isRequestType(type);
}

/** Reads what an event says of requests. */
export function observe(event: Envelope, observed: Observed): void {
  const { type, requestId, threadId, turnId } = event;
  if (isRequestType(type)) {
    const { signalType } = Object(event.payload) as Partial<AppServerRequestPayload>;
    if (signalType === 'request') observed.open(event);
    return;
  }
  switch (type) {
    case 'app_server.item.started':
    case 'app_server.item.file_change.patch_updated':
      observed.filesChanged(event);
      break;
    case 'app_server.server_request.resolved':
      observed.resolved(requestId, threadId, { cause: 'resolved' });
      break;
    case 'app_server.item.completed':
      itemCompleted(event, observed);
      break;
    case 'app_server.turn.completed': {
      const isInterrupted = said(event).turn?.status === 'interrupted';
      const evidence = {
        cause: 'turn-ended',
        answeredBy: isInterrupted ? 'nobody' : 'us-if-sent',
      } as const;
      if (turnId !== null) observed.turnEnded(turnId, threadId, evidence);
      break;
    }
    case 'app_server.thread.closed':
    case 'app_server.thread.deleted':
      observed.threadEnded(threadId);
  }
}

/** The server does not resolve tool calls: their item ends. */
function itemCompleted(event: Envelope, observed: Observed): void {
  const { id, status, contentItems } = Object(said(event).item) as NonNullable<Said['item']>;
  // An answer that reports a failure has content; a call that was given up has none.
  const hasContent = Array.isArray(contentItems) && contentItems.length > 0;
  const answeredBy = status === 'failed' && !hasContent ? 'us-if-sent' : undefined;
  observed.concludeAll(
    event.threadId,
    { cause: 'item-completed', answeredBy },
    ({ kind, itemId }) => kind === 'dynamicToolCall' && itemId === id,
  );
}

interface Said {
  readonly item?: {
    readonly id?: unknown;
    readonly status?: unknown;
    readonly contentItems?: unknown;
  };
  readonly turn?: { readonly status?: unknown };
}

const said = ({ payload }: Envelope) =>
  Object((payload as AppServerRequestPayload | null)?.params) as Said;
