import { isDurable, type Envelope } from '../envelope/index.js';
import type { StreamContext } from './context.js';
import type { Overflow } from './route.js';

/** An event that waits for its handler, with what it was made of. */
export interface Waiting {
  readonly value: unknown;
  readonly envelope: Envelope | null;
  readonly context: StreamContext;
}

/** First in, first out, at no cost that grows with its length. */
export class WaitingQueue {
  #items: (Waiting | undefined)[] = [];
  #head = 0;
  /** How many of the items may be dropped. */
  #droppable = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  push(item: Waiting): void {
    this.#items.push(item);
    if (isDroppable(item)) this.#droppable++;
  }

  shift(): Waiting | undefined {
    const item = this.#items[this.#head];
    if (item === undefined) return undefined;
    this.#items[this.#head++] = undefined;
    if (isDroppable(item)) this.#droppable--;
    if (this.#head > 1_000 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  /**
   * Adds to a full queue: whether something was dropped for it. If nothing may be dropped, the
   * queue grows.
   */
  pushOver(item: Waiting, overflow: Overflow): boolean {
    const newest = isDroppable(item) && (overflow === 'drop-newest' || this.#droppable === 0);
    if (newest) return true;
    const drops = this.#droppable > 0;
    if (drops) this.#dropOldest();
    this.push(item);
    return drops;
  }

  clear(): void {
    this.#items = [];
    this.#head = 0;
    this.#droppable = 0;
  }

  #dropOldest(): void {
    let at = this.#head;
    while (!isDroppable(this.#items[at] as Waiting)) at++;
    if (at === this.#head) {
      this.shift();
    } else {
      this.#items.splice(at, 1);
      this.#droppable--;
    }
  }
}

const isDroppable = ({ envelope }: Waiting): boolean => envelope === null || !isDurable(envelope);
