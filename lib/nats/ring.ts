import { ticks } from '../async/index.js';
import type { Linked } from './chain.js';

/** The events that a standby has seen lately. */
export interface Ring {
  push(linked: Linked): void;
  clear(): void;
  /** What came behind the event with this place; `null` if there is none, or more than one. */
  behind(chain: string): readonly Linked[] | null;
  readonly all: () => readonly Linked[];
}

export interface RingBounds {
  /** How long events are kept, in ms. */
  readonly age: number;
  readonly events: number;
  /** In UTF-16 units, about. */
  readonly size: number;
}

/**
 * What a standby keeps: more than the time in which a lease of `ttl` ms changes hands, since NATS
 * or this process may be slow just then.
 */
export const ringBounds = (ttl: number): RingBounds => ({
  age: Math.max(60_000, 5 * ttl),
  events: 50_000,
  size: 32 * 2 ** 20,
});

export function createRing(bounds: RingBounds): Ring {
  let kept: (Linked & { readonly at: number })[] = [];
  let head = 0;
  let size = 0;
  const all = () => kept.slice(head);

  function isOver(at: number): boolean {
    const first = kept[head];
    if (first === undefined) return false;
    const isOld = first.at < at - bounds.age;
    return isOld || kept.length - head > bounds.events || size > bounds.size;
  }

  return {
    push(linked) {
      const at = ticks();
      kept.push({ ...linked, at });
      size += linked.size;
      while (isOver(at)) size -= kept[head++]?.size ?? 0;
      if (head < 1_024 || head * 2 < kept.length) return;
      kept = all();
      head = 0;
    },
    clear() {
      kept = [];
      [head, size] = [0, 0];
    },
    behind(chain) {
      const events = all();
      const places = events.flatMap((linked, at) => (linked.chain === chain ? [at] : []));
      return places.length === 1 ? events.slice((places[0] as number) + 1) : null;
    },
    all,
  };
}
