import { defer, map, of, Subject, throwError, timer, type Observable } from 'rxjs';
import type { AppServerRequestPayload, Envelope, RequestId } from '../../envelope/index.js';
import { asked, managerMethod } from '../../manager/methods.js';
import { asRequest } from '../../manager/request-events.js';
import type { Rest, RestAnswer } from '../../manager/rest.js';

/** An answer that has come to the server. */
export interface SentAnswer {
  readonly requestId: RequestId;
  readonly answer: object;
}

export interface MarbleRestOptions {
  /** How long a reply takes, in ms. */
  readonly roundTrip: number;
  /** The HTTP status of the reply to an answer; `null`: as the real server. */
  readonly reply: (answer: SentAnswer) => number | null;
  /** Whether the server cannot be reached. */
  readonly isAway: () => boolean;
}

/** The requests of a codex-manager in virtual time: what is pending, and how it is answered. */
export interface MarbleRest {
  readonly rest: Rest;
  /** Each answer that has come, whatever the reply is. */
  readonly answers$: Observable<SentAnswer>;
  /** Learns from an event what is pending. */
  observe(event: Envelope): void;
}

type Pending = AppServerRequestPayload<string, Readonly<Record<string, unknown>>>;

export function createMarbleRest({ roundTrip, reply, isAway }: MarbleRestOptions): MarbleRest {
  const pending = new Map<string, Pending>();
  const answers = new Subject<SentAnswer>();

  const threads = new Set<string | null>();

  const sessions = (): RestAnswer => ({
    status: 200,
    body: { data: Array.from(threads, (sessionId) => ({ sessionId })) },
  });

  function list(path: string): RestAnswer {
    const [, thread = '', name = ''] = /^\/api\/sessions\/(.+)\/([a-z-]+)$/.exec(path) ?? [];
    const data = [...pending.values()]
      .filter(({ method }) => managerMethod(method)?.list === name)
      .filter(({ params }) => params['threadId'] === decodeURIComponent(thread))
      .map(described);
    return { status: 200, body: { data } };
  }

  function settle(path: string, json: string): RestAnswer {
    const [, name = '', encoded = ''] = /^\/api\/([a-z-]+)\/(.+)\/\w+$/.exec(path) ?? [];
    const id = decodeURIComponent(encoded);
    const requestId = pending.get(id)?.requestId ?? id;
    const sent = { requestId, answer: answerOf(name, JSON.parse(json) as Body) };
    answers.next(sent);
    const status = reply(sent) ?? (pending.has(id) ? 200 : 404);
    if (status === 200) pending.delete(id);
    return { status, body: null };
  }

  return {
    rest: (path, json) =>
      defer(() => {
        if (isAway()) return throwError(() => new Error(`${path}: no answer.`));
        // In no time: which sessions there are is no question that a diagram shows.
        if (path.startsWith('/api/sessions?')) return of(sessions());
        const answer = json === undefined ? list(path) : settle(path, json);
        return timer(roundTrip).pipe(map(() => answer));
      }),
    answers$: answers.asObservable(),
    observe(event) {
      const { type, requestId, threadId } = event;
      threads.add(threadId);
      const request = asked.includes(type) ? asRequest(event) : event;
      const payload = Object(request?.payload) as Pending;
      if (payload.signalType === 'request') pending.set(String(requestId), payload);
      else if (type.endsWith('resolved')) pending.delete(String(requestId));
      else if (type === 'app_server.turn.completed') {
        for (const [id, { params }] of pending) {
          if (params['turnId'] === event.turnId) pending.delete(id);
        }
      }
    },
  };
}

/** A request as the server's lists describe it. */
const described = ({ method, params, requestId, receivedAt }: Pending): object => ({
  ...params,
  [managerMethod(method)?.list === 'approvals' ? 'approvalId' : 'requestId']: String(requestId),
  method,
  details: params,
  createdAt: receivedAt,
  status: 'pending',
});

interface Body {
  readonly decision?: string;
  readonly scope?: string;
  readonly answers?: unknown;
}

/** What is answered, in Codex's own words: codex-manager has others for approvals and questions. */
function answerOf(list: string, body: Body): object {
  if (list === 'tool-input') return { answers: body.answers };
  if (list !== 'approvals') return body;
  return { decision: body.scope === 'session' ? 'acceptForSession' : body.decision };
}
