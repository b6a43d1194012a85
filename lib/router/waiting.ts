import { isDurable, type Envelope } from '../envelope/index.js';
import type { StreamContext } from './context.js';
import type { Overflow } from './route.js';

/** An event that waits for its handler, with what it was made of. */
export interface Waiting {
  readonly value: unknown;
  readonly envelope: Envelope | null;
  readonly context: StreamContext;
}

/** What waits, in the order it came. Sets, since what is dropped may stand anywhere. */
export class WaitingQueue {
  readonly #items = new Set<Waiting>();
  readonly #droppable = new Set<Waiting>();
  // Kept, since a new iterator walks over all that has left its Set, every time.
  readonly #first = this.#items.values();
  readonly #firstDroppable = this.#droppable.values();

  get length(): number {
    return this.#items.size;
  }

  push(item: Waiting): void {
    this.#items.add(item);
    if (isDroppable(item)) this.#droppable.add(item);
  }

  shift(): Waiting | undefined {
    return this.length > 0 ? this.#take(this.#first) : undefined;
  }

  /**
   * Adds to a full queue: whether something was dropped for it. If nothing may be dropped, the
   * queue grows.
   */
  pushOver(item: Waiting, overflow: Overflow): boolean {
    const drops = this.#droppable.size > 0;
    if (isDroppable(item) && (overflow === 'drop-newest' || !drops)) return true;
    if (drops) this.#take(this.#firstDroppable);
    this.push(item);
    return drops;
  }

  clear(): void {
    this.#items.clear();
    this.#droppable.clear();
  }

  #take(first: Iterator<Waiting, undefined>): Waiting | undefined {
    const { value } = first.next();
    this.#items.delete(value as Waiting);
    this.#droppable.delete(value as Waiting);
    return value;
  }
}

const isDroppable = ({ envelope }: Waiting): boolean => envelope === null || !isDurable(envelope);
