import { asyncScheduler, defer, Subscription } from 'rxjs';
import { isThenable } from '../async/index.js';
import { isDurable } from '../envelope/index.js';
import { OverflowError } from './handler-error.js';
import { createLinkedList, type LinkedList, type Place } from './linked-list.js';
import type { RunnableRoute, Work } from './runnable-route.js';
import { watch } from './shield.js';
import { isWaitable, type Waitable } from './waitable.js';

/** What runs and waits for one key. */
interface KeyQueue {
  readonly key: unknown;
  readonly runs: Set<Subscription>;
  readonly waiting: LinkedList<Waiting>;
  /** How many handlers are being called right now: their pipeline may call them from within. */
  calling: number;
  /** Its place among the keys whose next event may start. */
  ready: Place<KeyQueue> | null;
}

interface Waiting {
  readonly work: Work;
  readonly queue: KeyQueue;
  place: Place<Waiting> | null;
  /** Its place among the events that may be dropped. */
  droppable: Place<Waiting> | null;
}

/**
 * The handler runs of a route that have not ended, and what waits for them: the strategy holds for
 * each key, `concurrency` and `bound` for all keys together.
 */
export interface HandlerQueue {
  /** The keys for which something runs or waits, and no others: keys may be without end. */
  readonly keys: ReadonlyMap<unknown, unknown>;
  deliver(work: Work): void;
  /** Waits for what the handler of a route without keys returned. */
  hold(result: Waitable, work: Work): void;
  /** Gives up what runs and what waits. */
  close(): void;
}

export function createHandlerQueue(route: RunnableRoute): HandlerQueue {
  const { counts, settings } = route;
  const { strategy, concurrency, bound, overflow } = settings;
  const queues = new Map<unknown, KeyQueue>();
  const readyQueues = createLinkedList<KeyQueue>();
  const droppables = createLinkedList<Waiting>();
  /** How many handlers are being called, or given up, right now. */
  let calling = 0;
  /** How often an event came to a full queue. */
  let overflows = 0;

  const isFree = ({ runs, calling }: KeyQueue): boolean =>
    strategy === 'merge' || runs.size + calling === 0;

  function queueOf(key: unknown): KeyQueue {
    const known = queues.get(key);
    if (known) return known;
    const queue = {
      key,
      runs: new Set<never>(),
      waiting: createLinkedList<never>(),
      calling: 0,
      ready: null,
    };
    queues.set(key, queue);
    return queue;
  }

  /** Keeps a key among the ready ones while its next event may start, and forgets an idle one. */
  function update(queue: KeyQueue): void {
    const isWaiting = queue.waiting.first() !== undefined;
    if (isWaiting && isFree(queue)) queue.ready ??= readyQueues.push(queue);
    else if (queue.ready) {
      readyQueues.remove(queue.ready);
      queue.ready = null;
    }
    if (isWaiting || queue.runs.size + queue.calling > 0) queues.set(queue.key, queue);
    else queues.delete(queue.key);
  }

  function hold(result: Waitable, work: Work, queue: KeyQueue): void {
    const error = (cause: unknown) => {
      // A run that was given up may still fail, and this is reported, too.
      route.report('handler', cause, work);
    };
    const began = asyncScheduler.now();
    let run = new Subscription();
    if (isThenable(result)) {
      void Promise.resolve(result)
        .then(null, error)
        .then(() => {
          run.unsubscribe();
        });
    } else if (!route.closed) {
      run = watch(
        defer(() => result),
        { error },
        error,
      );
    }
    queue.runs.add(run);
    counts.running++;
    work.settlement?.hold();
    // The last thing that it does: as in RxJS, what it holds is released before the next begins.
    run.add(() => {
      queue.runs.delete(run);
      counts.running--;
      route.recordDuration(asyncScheduler.now() - began);
      route.runToCompletion(() => {
        work.settlement?.release();
        update(queue);
        drain();
      });
    });
    // By its own handler, or while it was being subscribed to.
    if (route.closed) run.unsubscribe();
  }

  function start(queue: KeyQueue, work: Work): void {
    calling++;
    queue.calling++;
    update(queue);
    try {
      const result = route.call(work);
      if (isWaitable(result)) hold(result, work, queue);
    } catch (cause) {
      route.report('handler', cause, work);
    }
    queue.calling--;
    // Its own pipeline may have emitted meanwhile, and `switch` goes on with what came last.
    if (strategy === 'switch' && queue.waiting.first()) giveUpRuns(queue);
    calling--;
    update(queue);
  }

  function drain(): void {
    // A handler that ends at once ends inside `start`: one loop runs the queue, never a nested one.
    if (calling > 0) return;
    for (let queue; counts.running < concurrency && (queue = readyQueues.first());) {
      const next = queue.waiting.first() as Waiting;
      remove(next);
      start(queue, next.work);
      next.work.settlement?.release();
    }
    route.onIdle();
  }

  function wait(queue: KeyQueue, work: Work): void {
    const isFull = counts.waiting >= bound;
    const isDroppable = work.envelope === null || !isDurable(work.envelope);
    const oldest = isFull ? droppables.first() : undefined;
    const isDropped = isFull && isDroppable && (overflow === 'drop-newest' || !oldest);
    if (isDropped || oldest) counts.dropped++;
    if (isDropped) work.settlement?.fail();
    else {
      if (oldest) {
        oldest.work.settlement?.fail();
        giveUp(oldest);
        update(oldest.queue);
      }
      const waiting: Waiting = { work, queue, place: null, droppable: null };
      waiting.place = queue.waiting.push(waiting);
      if (isDroppable) waiting.droppable = droppables.push(waiting);
      counts.waiting++;
      work.settlement?.hold();
    }
    update(queue);
    // At the 1st, 2nd, 4th, 8th … of them: a flood is reported, and the report is no flood.
    if (isFull && Number.isInteger(Math.log2(++overflows))) {
      const kind = isDropped ? 'dropped-newest' : oldest ? 'dropped-oldest' : 'kept';
      const cause = new OverflowError(kind, bound, counts.dropped, counts.waiting);
      route.report('queue', cause, work);
    }
  }

  function remove({ queue, place, droppable }: Waiting): void {
    queue.waiting.remove(place);
    droppables.remove(droppable);
    counts.waiting--;
  }

  function giveUp(waiting: Waiting): void {
    remove(waiting);
    waiting.work.settlement?.release();
  }

  function giveUpRuns({ runs }: KeyQueue): void {
    calling++;
    // What the end of a route gives up is not counted, only what `switch` does.
    if (!route.closed) counts.cancelled += runs.size;
    for (const run of runs) run.unsubscribe();
    calling--;
  }

  function giveUpAll(queue: KeyQueue): void {
    for (let next; (next = queue.waiting.first());) {
      if (!route.closed) counts.cancelled++;
      giveUp(next);
    }
    giveUpRuns(queue);
    update(queue);
  }

  return {
    keys: queues,
    deliver(work) {
      const given = settings.key?.(work.value as never);
      // `merge` keeps no key waiting for itself: its events start in the order in which they came.
      const key = strategy === 'merge' ? undefined : given;
      const busy = queues.get(key);
      if (busy && strategy === 'exhaust') {
        counts.skipped++;
        return;
      }
      if (busy && strategy === 'switch') giveUpAll(busy);
      // A key or a teardown may have removed the route.
      if (route.closed) return;
      const queue = queueOf(key);
      const isNext = isFree(queue) && !queue.waiting.first();
      if (isNext && counts.running + calling < concurrency) start(queue, work);
      else wait(queue, work);
      drain();
    },
    hold(result, work) {
      hold(result, work, queueOf(undefined));
    },
    close() {
      for (const queue of queues.values()) giveUpAll(queue);
    },
  };
}
