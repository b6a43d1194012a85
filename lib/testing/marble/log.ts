import { Observable, Subscription, type Observer } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';

/** A notification of an Observable, and its time. */
export interface Entry {
  readonly frame: number;
  readonly kind: 'next' | 'error' | 'complete';
  /** The value, or the error. */
  readonly value: unknown;
}

type Message = ReturnType<typeof TestScheduler.parseMarbles>[number];

/** The entries of a diagram. The value of a letter is the letter itself. */
export const parse = (marbles: string): readonly Entry[] =>
  TestScheduler.parseMarbles(marbles, undefined, '#', false, true).map(entryOf);

function entryOf({ frame, notification }: Message): Entry {
  switch (notification.kind) {
    case 'N':
      return { frame, kind: 'next', value: notification.value };
    case 'E':
      return { frame, kind: 'error', value: notification.error };
    case 'C':
      return { frame, kind: 'complete', value: undefined };
  }
}

/** An Observable as its entries, timed from its arrival; other values are unchanged. */
export const readable = (value: unknown): unknown =>
  value instanceof Observable && 'messages' in value
    ? (value.messages as readonly Message[]).map(entryOf)
    : value;

/**
 * Records the notifications of an Observable.
 *
 * @param life When to be subscribed, as a subscription diagram. Default: from frame 0 on.
 */
export function record(
  scheduler: TestScheduler,
  source: Observable<unknown>,
  life: string | undefined,
): readonly Entry[] {
  const log: Entry[] = [];
  const { subscribedFrame, unsubscribedFrame } = TestScheduler.parseMarblesAsSubscriptions(
    life ?? null,
    true,
  );
  let subscription = Subscription.EMPTY;
  scheduler.schedule(
    () => {
      subscription = source.subscribe(writeTo(log, () => scheduler.frame));
    },
    subscribedFrame === Infinity ? 0 : subscribedFrame,
  );
  if (unsubscribedFrame !== Infinity) {
    scheduler.schedule(() => {
      subscription.unsubscribe();
    }, unsubscribedFrame);
  }
  return log;
}

function writeTo(log: Entry[], now: () => number): Observer<unknown> {
  const write = (kind: Entry['kind'], value?: unknown) => log.push({ frame: now(), kind, value });
  return {
    next(value) {
      if (!(value instanceof Observable)) {
        write('next', value);
        return;
      }
      const [inner, began]: [Entry[], number] = [[], now()];
      value.subscribe(writeTo(inner, () => now() - began));
      write('next', inner);
    },
    error(error: unknown) {
      write('error', error);
    },
    complete() {
      write('complete');
    },
  };
}
