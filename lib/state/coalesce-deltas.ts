import {
  asyncScheduler,
  Observable,
  Subscription,
  type MonoTypeOperatorFunction,
  type SchedulerLike,
} from 'rxjs';
import type { Envelope } from '../envelope/index.js';
import { amounts, mustBeKnown } from '../options/index.js';
import { byType, deltas } from './deltas.js';

/** How deltas are merged. */
export interface CoalesceOptions {
  /**
   * How long deltas are gathered, in milliseconds.
   *
   * @default 50
   */
  readonly every?: number;
  /**
   * How long a merged delta may grow, in characters.
   *
   * @default 4096
   */
  readonly maxChars?: number;
  /**
   * Runs the timer. One of animation frames rests in a hidden tab: there the timer of `every` goes on.
   *
   * @default asyncScheduler
   */
  readonly scheduler?: SchedulerLike;
}

/** An operator that counts what it does, over all that subscribe to what it makes. */
export interface CoalesceDeltas extends MonoTypeOperatorFunction<Envelope> {
  /** How many events less it has emitted than there were: each was merged into another. */
  readonly merged: number;
}

interface DeltaPayload {
  readonly params: Readonly<Record<string, unknown>> & { readonly delta: string };
}

/** Deltas that wait, of one item. */
interface Gathered {
  readonly event: Envelope;
  readonly key: string;
  /** The text of the deltas, and how many they are. */
  text: string;
  count: number;
}

/**
 * Merges consecutive deltas of one item: the first comes at once, and what waits comes before any
 * other event of its thread. Order and content stay exactly as they were.
 *
 * @example
 * stream.events$.pipe(forThread(id), coalesceDeltas({ every: 50 })).subscribe(render);
 */
export function coalesceDeltas(options: CoalesceOptions = {}): CoalesceDeltas {
  mustBeKnown('', options, ['every', 'maxChars', 'scheduler']);
  const { scheduler } = options;
  const { every, maxChars } = amounts('', options, { every: 50, maxChars: 4_096 });
  let merged = 0;
  const operator: MonoTypeOperatorFunction<Envelope> = (events$) =>
    new Observable((subscriber) => {
      /** What waits of each thread, and the item whose delta came last. */
      const waiting = new Map<string | null, Gathered>();
      const timers = new Subscription();

      function flush(threadId: string | null): void {
        const gathered = waiting.get(threadId);
        waiting.delete(threadId);
        if (!gathered || gathered.count === 0) return;
        const { event, text: delta, count } = gathered;
        const { params, ...rest } = event.payload as DeltaPayload;
        const payload = { ...rest, params: { ...params, delta } };
        merged += count - 1;
        subscriber.next({ ...event, payload });
      }

      function flushAll(): void {
        for (const threadId of [...waiting.keys()]) flush(threadId);
      }

      /** Begins to gather: the first delta has come out already. */
      function gather(event: Envelope, key: string): void {
        const gathered: Gathered = { event, key, text: '', count: 0 };
        waiting.set(event.threadId, gathered);
        const due = () => {
          if (waiting.get(event.threadId) !== gathered) return;
          const isBusy = gathered.count > 0;
          flush(event.threadId);
          if (isBusy) gather(event, key);
        };
        timers.add(asyncScheduler.schedule(due, every));
        if (scheduler) timers.add(scheduler.schedule(due));
      }

      subscriber.add(timers);
      subscriber.add(
        events$.subscribe({
          next(event) {
            const key = keyOf(event);
            const gathered = waiting.get(event.threadId);
            if (key === null || gathered?.key !== key) {
              flush(event.threadId);
              subscriber.next(event);
              if (key !== null) gather(event, key);
              return;
            }
            gathered.text += (event.payload as DeltaPayload).params.delta;
            gathered.count++;
            if (gathered.text.length >= maxChars) flush(event.threadId);
          },
          error(error: unknown) {
            flushAll();
            subscriber.error(error);
          },
          complete() {
            flushAll();
            subscriber.complete();
          },
        }),
      );
    });
  return Object.defineProperty(operator, 'merged', { get: () => merged }) as CoalesceDeltas;
}

/** What deltas that may be merged have in common; `null` for another event. */
function keyOf({ type, turnId, payload }: Envelope): string | null {
  const { params } = Object(payload) as Partial<DeltaPayload>;
  if (!mergeable.has(type) || typeof params?.delta !== 'string') return null;
  const { itemId, summaryIndex, contentIndex } = params;
  return JSON.stringify([type, turnId, itemId, summaryIndex, contentIndex]);
}

const mergeable = /* @__PURE__ */ byType(deltas);
