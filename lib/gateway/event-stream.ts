import { Observable } from 'rxjs';
import { mustBe, mustBeKnown } from '../options/index.js';
import { stateOf, type Feed } from './feed.js';
import type { GatewayIdentity } from './identity.js';
import { createPump } from './pump.js';
import { isFor, readyFrame, startOf } from './subscription.js';
import { numberedFrame } from './wire.js';

/** Which events of a feed are sent, and from where on. */
export interface EventStreamOptions {
  /** The events of this thread alone. */
  readonly threadId?: string | null;
  /** Where to begin: the `Last-Event-ID` of the request, if it has one. @default now */
  readonly after?: string | undefined;
  /** Whose events. @default one that sees everything */
  readonly identity?: GatewayIdentity;
}

/** What Nest's `@Sse` takes. */
export interface FeedMessage {
  readonly id: string;
  readonly data: string;
  readonly type?: string;
  readonly retry?: number;
}

/**
 * The events of a feed for server-sent events of your own, such as Nest's `@Sse`: first a `ready`,
 * then each event with its number as the id. It hands on what comes at once: the bound of a slow
 * client is up to what writes it.
 *
 * @example
 * const messages$ = eventStream(feed, { after: request.headers['last-event-id'] });
 *
 * @throws TypeError that names the option that is wrong.
 */
export function eventStream(feed: Feed, options: EventStreamOptions = {}): Observable<FeedMessage> {
  const { log } = stateOf(feed);
  mustBeKnown('', options, ['threadId', 'after', 'identity']);
  const { threadId = null, after = '', identity = { name: 'eventStream' } } = options;
  mustBe(threadId === null || typeof threadId === 'string', 'threadId', 'the id of a thread');
  mustBe(typeof after === 'string', 'after', 'a text such as <epoch>:<seq>');
  return new Observable((subscriber) => {
    const start = startOf(log, after);
    const idOf = (seq: number) => `${log.epoch}:${seq}`;
    subscriber.next({
      type: 'ready',
      id: idOf(start.after),
      data: JSON.stringify(readyFrame(log, '', threadId, start, identity)),
      retry: 500,
    });
    const pump = createPump({
      log,
      after: start.after,
      accepts: (entry) => isFor(entry, threadId, identity, true),
      write(entries) {
        for (const entry of entries) {
          subscriber.next({ id: idOf(entry.seq), data: numberedFrame(entry).toString() });
        }
      },
      isFull: () => false,
      fellBehind() {
        subscriber.complete();
      },
    });
    subscriber.add(pump.stop);
    pump.run();
    subscriber.add(
      log.appended$.subscribe({
        next: pump.run,
        complete() {
          subscriber.complete();
        },
      }),
    );
  });
}
