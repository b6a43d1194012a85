import { isDurable, type Envelope } from '../envelope/index.js';
import type { StreamContext } from './context.js';
import type { Overflow } from './route.js';

/** An event that waits for its handler, with what it was made of. */
export interface Waiting {
  readonly value: unknown;
  readonly envelope: Envelope | null;
  readonly context: StreamContext;
}

/** Where an event stands in the line, and in that of the droppable ones. */
interface Place {
  readonly item: Waiting;
  before: Place | null;
  after: Place | null;
  nextDroppable: Place | null;
}

/**
 * What waits, in the order it came: linked, since what is dropped may stand anywhere. No Set: an
 * iterator that is kept holds every table that its Set has outgrown, and a new one walks over all
 * that has left.
 */
export class BoundedQueue {
  #length = 0;
  #first: Place | null = null;
  #last: Place | null = null;
  #firstDroppable: Place | null = null;
  #lastDroppable: Place | null = null;

  get length(): number {
    return this.#length;
  }

  push(item: Waiting): void {
    const place: Place = { item, before: this.#last, after: null, nextDroppable: null };
    if (this.#last === null) this.#first = place;
    else this.#last.after = place;
    this.#last = place;
    this.#length++;
    if (!isDroppable(item)) return;
    if (this.#lastDroppable === null) this.#firstDroppable = place;
    else this.#lastDroppable.nextDroppable = place;
    this.#lastDroppable = place;
  }

  shift(): Waiting | undefined {
    return this.#first === null ? undefined : this.#take(this.#first);
  }

  /**
   * Adds to a full queue: whether something was dropped for it. If nothing may be dropped, the
   * queue grows.
   */
  pushOver(item: Waiting, overflow: Overflow): boolean {
    const drops = this.#firstDroppable;
    if (isDroppable(item) && (overflow === 'drop-newest' || drops === null)) return true;
    if (drops !== null) this.#take(drops);
    this.push(item);
    return drops !== null;
  }

  clear(): void {
    this.#length = 0;
    this.#first = this.#last = this.#firstDroppable = this.#lastDroppable = null;
  }

  /** Takes the first of either line: the first of all, if it is droppable, is the first of both. */
  #take(place: Place): Waiting {
    const { item, before, after, nextDroppable } = place;
    if (before === null) this.#first = after;
    else before.after = after;
    if (after === null) this.#last = before;
    else after.before = before;
    if (place === this.#firstDroppable) {
      this.#firstDroppable = nextDroppable;
      if (nextDroppable === null) this.#lastDroppable = null;
    }
    // What has left keeps nothing that came later alive.
    place.after = place.nextDroppable = null;
    this.#length--;
    return item;
  }
}

const isDroppable = ({ envelope }: Waiting): boolean => envelope === null || !isDurable(envelope);
