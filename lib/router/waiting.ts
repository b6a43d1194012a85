import { isDurable, type Envelope } from '../envelope/index.js';
import type { StreamContext } from './context.js';
import { Fifo } from './fifo.js';
import type { Overflow } from './route.js';

/** An event that waits for its handler, with what it was made of. */
export interface Waiting {
  readonly value: unknown;
  readonly envelope: Envelope | null;
  readonly context: StreamContext;
}

interface Ticket {
  readonly number: number;
  readonly item: Waiting;
}

/**
 * What waits, in the order it came. What may be dropped stands in a line of its own: looked for
 * behind thousands of events that may not, it would cost more than its handler.
 */
export class WaitingQueue {
  readonly #durable = new Fifo<Ticket>();
  readonly #droppable = new Fifo<Ticket>();
  #issued = 0;

  get length(): number {
    return this.#durable.length + this.#droppable.length;
  }

  push(item: Waiting): void {
    const line = isDroppable(item) ? this.#droppable : this.#durable;
    line.push({ number: this.#issued++, item });
  }

  shift(): Waiting | undefined {
    const durable = this.#durable.first?.number ?? Infinity;
    const droppable = this.#droppable.first?.number ?? Infinity;
    return (durable < droppable ? this.#durable : this.#droppable).shift()?.item;
  }

  /**
   * Adds to a full queue: whether something was dropped for it. If nothing may be dropped, the
   * queue grows.
   */
  pushOver(item: Waiting, overflow: Overflow): boolean {
    const drops = this.#droppable.length > 0;
    if (isDroppable(item) && (overflow === 'drop-newest' || !drops)) return true;
    this.#droppable.shift();
    this.push(item);
    return drops;
  }

  clear(): void {
    this.#durable.clear();
    this.#droppable.clear();
  }
}

const isDroppable = ({ envelope }: Waiting): boolean => envelope === null || !isDurable(envelope);
