import { asyncScheduler, Subject, Subscription, timer, type Observable } from 'rxjs';
import type { AppServerRequestPayload, Envelope } from '../envelope/index.js';
import { identityOf } from '../requests/index.js';
import { createIdWriter } from './message.js';

/** A server request that nobody has answered yet. */
export interface UnansweredRequest {
  readonly request: Envelope<string, AppServerRequestPayload>;
  /** When it came for the first time: milliseconds since the epoch. */
  readonly openedAt: number;
  /** How long it has been waiting, in milliseconds. */
  readonly age: number;
}

/** What answers a request: a result, or an error of JSON-RPC. */
export type Answer =
  { readonly result: unknown } | { readonly error: { code: number; message: string } };

/** The requests of a server that wait for an answer. */
export interface OpenRequests {
  /** Opens a request: whether it is new. One that is sent again gets the answer that it has. */
  open(request: Envelope): boolean;
  /** Settles what an event settles: a request that was resolved, a tool call that has ended, a turn. */
  see(event: Envelope): void;
  /** Answers a request once: whether it was still open. */
  answer(request: Envelope, answer: Answer): boolean;
  /**
   * The connection is lost. What it brought is answered no more until it is sent again: another
   * server may be there, and mean another request by the same id.
   */
  lose(): void;
  /** The server began anew and has forgotten all that came before a time. */
  forget(before: number): void;
  /** Those of these threads that were not sent again since a time were settled meanwhile. */
  settleUnseen(since: number, threads: ReadonlySet<string | null>): void;
  readonly list: () => readonly UnansweredRequest[];
  /** A request that has been waiting for long. */
  readonly late$: Observable<UnansweredRequest>;
  close(): void;
}

interface OpenRequest {
  readonly request: Envelope<string, AppServerRequestPayload>;
  readonly openedAt: number;
  seenAt: number;
  /** Whether the connection that there is has brought it. */
  isHere: boolean;
  /** The frame that answered it, until the server says that it is settled. */
  answer: string | null;
  readonly watchdog: Subscription;
}

interface Item {
  readonly callId?: unknown;
}

/**
 * Whether the server keeps the end of a request to itself, and does not send it again: those of no
 * thread, and the time, for which it waits ten seconds and no longer than its turn.
 */
export const isFleeting = ({ threadId, payload }: Envelope): boolean =>
  threadId === null || (payload as AppServerRequestPayload).method === 'currentTime/read';

/**
 * @param lateAfter How long a request may wait until `late$` tells of it, in milliseconds.
 */
export function createOpenRequests(
  send: (text: string) => boolean,
  lateAfter: number,
  writeId = createIdWriter().write,
): OpenRequests {
  const requests = new Map<string, OpenRequest>();
  const late = new Subject<UnansweredRequest>();

  const shown = ({ request, openedAt }: OpenRequest): UnansweredRequest => ({
    request,
    openedAt,
    age: now() - openedAt,
  });

  function settle(isMeant: (open: OpenRequest) => boolean): void {
    for (const [key, open] of requests) {
      if (!isMeant(open)) continue;
      open.watchdog.unsubscribe();
      requests.delete(key);
    }
  }

  return {
    open(event) {
      const request = event as OpenRequest['request'];
      const key = identityOf(request);
      const known = requests.get(key);
      if (known !== undefined) {
        known.seenAt = now();
        known.isHere = true;
        if (known.answer !== null) send(known.answer);
        return false;
      }
      const open: OpenRequest = {
        request,
        openedAt: now(),
        seenAt: now(),
        isHere: true,
        answer: null,
        watchdog: timer(lateAfter).subscribe(() => {
          late.next(shown(open));
        }),
      };
      requests.set(key, open);
      return true;
    },

    see({ payload, threadId, turnId, requestId }) {
      if (requests.size === 0) return;
      const { method, params } = payload as AppServerRequestPayload;
      if (method === 'serverRequest/resolved') {
        settle(({ request }) => request.requestId === requestId && request.threadId === threadId);
      } else if (method === 'item/completed') {
        // The server does not resolve tool calls: their item ends.
        const { item } = Object(params) as { item?: { id?: unknown } };
        settle(({ request }) => {
          const { callId } = Object(request.payload.params) as Item;
          return callId !== undefined && callId === item?.id && request.threadId === threadId;
        });
      } else if (method === 'turn/completed') {
        settle(
          ({ request }) =>
            request.threadId === threadId && (request.turnId === turnId || isFleeting(request)),
        );
      }
    },

    answer(request, answer) {
      const key = identityOf(request);
      const open = requests.get(key);
      if (open?.answer !== null || request.requestId === null) return false;
      const [[member, value]] = Object.entries(answer) as [[string, unknown]];
      open.answer = `{"id":${writeId(request.requestId)},"${member}":${JSON.stringify(value ?? null)}}`;
      open.watchdog.unsubscribe();
      if (open.isHere) send(open.answer);
      if (isFleeting(request)) requests.delete(key);
      return true;
    },

    lose() {
      settle(({ request }) => isFleeting(request));
      for (const open of requests.values()) open.isHere = false;
    },

    forget(before) {
      settle(({ seenAt }) => seenAt < before);
    },

    settleUnseen(since, threads) {
      settle(({ seenAt, request }) => seenAt < since && threads.has(request.threadId));
    },

    list: () => [...requests.values()].filter(({ answer }) => answer === null).map(shown),
    late$: late.asObservable(),

    close() {
      settle(() => true);
      late.complete();
    },
  };
}

const now = () => asyncScheduler.now();
