import { of } from 'rxjs';
import { createBoundedMap } from '../bounded/index.js';
import type { Envelope, RequestId } from '../envelope/index.js';
import {
  createConcern,
  createRequests,
  identityOf,
  rowOf,
  type Delivery,
  type RequestRegistry,
  type Sent,
  type ServerRequest,
  type ServerRequests,
} from '../requests/index.js';
import type { StreamLog } from '../text/index.js';

/** The code of JSON-RPC for a method that is not handled. */
export const notHandled = -32601;

/** The requests of an app-server: each is answered on the connection that announced it. */
export interface AppServerRequests {
  readonly requests: ServerRequests;
  /** A request has come: whether it is new. One that comes again gets the answer that it has. */
  announce(request: Envelope): boolean;
  /** Learns from a notification. */
  observe(event: Envelope): void;
  /** Whether a handler of `requests` has been asked for an answer. */
  isServed(request: Envelope): boolean;
  /** The connection is lost: what it announced is answered when it comes again. */
  lose(): void;
  /** The stream is back: what comes from now on is of the new connection. */
  interrupted(): void;
  /** The server began anew and has forgotten what came before the interruption. */
  restarted(): void;
  /** Requests of these threads that did not come again since the interruption are settled. */
  dropUnseen(threads: ReadonlySet<string | null>): void;
  close(): void;
}

/**
 * Whether the server keeps the end of a request to itself, and does not send it again: those of no
 * thread, and the time, for which it waits ten seconds and no longer than its turn.
 */
const isFleeting = ({ threadId, method }: Pick<ServerRequest, 'threadId' | 'method'>): boolean =>
  threadId === null || rowOf(method).endedBy === 'answer';

export function createAppServerRequests(
  send: (text: string) => boolean,
  overdueAfter: number,
  writeId: (id: RequestId) => string,
  log?: StreamLog | false,
): AppServerRequests {
  /**
   * What was refused while there was no connection, by identity: it gets its error when it comes
   * again.
   */
  const refusals = createBoundedMap<string, string>(1_000);
  /** The revisions at which the connection was lost, and at which the next one began. */
  let lostAt = 0;
  let before = 0;

  function deliver(request: ServerRequest, frame: string): Delivery {
    let isSent = false;
    return {
      send() {
        const isHere = registry.seen(request) > lostAt;
        const isWritten = isHere && send(frame);
        isSent ||= isWritten;
        if (isFleeting(request)) {
          return of<Sent>(
            isWritten ? { status: 'answered' } : { status: 'gone', uncertain: false },
          );
        }
        return of<Sent>({ status: isWritten ? 'sent' : 'kept' });
      },
      isKept: () => !isSent,
    };
  }

  const registry: RequestRegistry = createRequests(
    {
      answers: () => true,
      // Nothing lists what is pending.
      isListing: () => false,
      prepare: (request, _, json) =>
        deliver(request, `{"id":${writeId(request.requestId)},"result":${json}}`),
      refuse(request, { message, code = notHandled }) {
        const error = JSON.stringify({ code, message });
        const frame = `{"id":${writeId(request.requestId)},"error":${error}}`;
        if (!isFleeting(request)) refusals.set(identityOf(request.event), frame);
        return deliver(request, frame);
      },
    },
    overdueAfter,
    log,
  );
  const concerns = createConcern();

  return {
    requests: registry.requests,
    isServed: registry.isServed,
    announce(event) {
      const refusal = refusals.get(identityOf(event));
      if (refusal === undefined) return registry.announce(event);
      send(refusal);
      return false;
    },
    observe(event) {
      const { type, threadId } = event;
      if (!concerns(type)) return;
      if (type === 'app_server.turn.completed') {
        // Requests that do not name their turn end with it too.
        registry.concludeAll(threadId, { cause: 'turn-ended', answeredBy: 'nobody' }, isFleeting);
      }
      registry.observe(event);
    },
    lose() {
      lostAt = registry.revision();
    },
    interrupted() {
      before = registry.revision();
      registry.interrupted();
      registry.dropUnseen(before, isFleeting);
    },
    restarted() {
      refusals.clear();
      registry.restarted(before);
    },
    dropUnseen(threads) {
      registry.dropUnseen(before, ({ threadId }) => threads.has(threadId));
    },
    close: registry.close,
  };
}
