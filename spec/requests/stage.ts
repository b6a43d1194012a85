import { NEVER, of, Subject, type Observable } from 'rxjs';
import { notificationType, type Envelope, type RequestId } from '../../lib/envelope/index.js';
import {
  AnswerError,
  createRequests,
  requestEvent,
  type RequestPort,
  type RequestRegistry,
  type Sent,
  type ServerRequest,
  type Settlement,
} from '../../lib/requests/index.js';

export const command = (id: RequestId = 0, params: object = {}) =>
  ask('item/commandExecution/requestApproval', id, { itemId: `item ${id}`, ...params });

export const call = (id: RequestId = 0, params: object = {}) =>
  ask('item/tool/call', id, { callId: `call ${id}`, tool: 'x', arguments: {}, ...params });

export function ask(method: string, id: RequestId, params: object = {}) {
  const all = { threadId: 't', turnId: 'u', ...params } as { threadId: string };
  return requestEvent(method, id, all.threadId, all, '');
}

export function told(method: string, params: Record<string, unknown>): Envelope {
  const { threadId = null, requestId = null } = params as { threadId?: string; requestId?: number };
  const turn = (params['turnId'] ?? (Object(params['turn']) as { id?: unknown }).id ?? null) as
    string | null;
  const type = notificationType(method);
  const payload = { source: 'app_server', signalType: 'notification', method, params };
  return { type, threadId, turnId: turn, requestId, payload };
}

export const resolved = (requestId: RequestId, threadId = 't') =>
  told('serverRequest/resolved', { threadId, requestId });

export const turnEnded = (status = 'interrupted', id = 'u') =>
  told('turn/completed', { threadId: 't', turn: { id, status } });

export const itemEnded = (id: string, status = 'completed', contentItems: unknown = null) =>
  told('item/completed', {
    threadId: 't',
    turnId: 'u',
    item: { id, type: 'dynamicToolCall', status, contentItems },
  });

/** A port of a server that takes no errors. */
export const portOf = (
  send: (request: ServerRequest, answer: object) => Observable<Sent>,
): RequestPort => ({
  answers: () => true,
  prepare: (request, answer) => ({ send: () => send(request, answer), isKept: () => false }),
  refuse: () => new AnswerError('unanswerable', 'it takes no errors'),
});

export interface Stage extends RequestRegistry {
  /** What was sent, by whichever port. */
  readonly sent: { request: ServerRequest; answer: unknown }[];
  readonly opened: ServerRequest[];
  readonly settled: Settlement[];
  /** What is pending, whenever that changed: the ids. */
  readonly pending: unknown[][];
  readonly decisions: unknown[];
  readonly errors: string[];
  /** The end of each request: its id, the outcome and the cause. */
  ends(): string[];
}

/** A registry over a port that a test plays. By default the server takes every answer. */
export function stage(
  send: (request: ServerRequest) => Observable<Sent> = () => of({ status: 'answered' }),
  port: Partial<RequestPort> = {},
): Stage {
  const sent: Stage['sent'] = [];
  const registry = createRequests({
    ...portOf((request, answer) => {
      sent.push({ request, answer });
      return send(request);
    }),
    answers: (method) => method !== 'unanswerable',
    ...port,
  });
  const { requests } = registry;
  const [opened, settled, pending, decisions, errors]: [
    ServerRequest[],
    Settlement[],
    unknown[][],
    unknown[],
    string[],
  ] = [[], [], [], [], []];
  requests.opened$.subscribe((request) => opened.push(request));
  requests.settled$.subscribe((settlement) => settled.push(settlement));
  requests.pending$.subscribe((now) => pending.push(now.map(({ requestId }) => requestId)));
  requests.decisions$.subscribe(({ request, answer, by, why }) =>
    decisions.push([request.requestId, answer, by, why]),
  );
  requests.errors$.subscribe((error) => errors.push(error.message));
  const ends = () =>
    settled.map(({ request, outcome, cause }) => `${request.requestId} ${outcome} ${cause}`);
  return { ...registry, sent, opened, settled, pending, decisions, errors, ends };
}

/** The answer reaches the server, which says nothing yet. */
export const onItsWay = () => of<Sent>({ status: 'sent' });

/** The reply to the answer is still out. */
export const underWay = () => NEVER;

/** Replies that a test gives by hand. */
export const byHand = () => new Subject<Sent>();
