import { now } from '../async/index.js';
import type { Linked } from './chain.js';

/** The events that a standby has seen lately. */
export interface Ring {
  push(linked: Linked): void;
  clear(): void;
  /** What came behind the event with this place; `null` if there is none, or more than one. */
  behind(chain: string): readonly Linked[] | null;
  readonly all: () => readonly Linked[];
}

/**
 * @param maxAge How long events are kept, in ms.
 * @param maxEvents How many are kept.
 */
export function createRing(maxAge: number, maxEvents: number): Ring {
  let kept: (Linked & { readonly at: number })[] = [];
  let head = 0;
  const all = () => kept.slice(head);
  return {
    push(linked) {
      const at = now();
      kept.push({ ...linked, at });
      while (kept.length - head > maxEvents || (kept[head]?.at ?? at) < at - maxAge) head++;
      if (head < 1_024 || head * 2 < kept.length) return;
      kept = all();
      head = 0;
    },
    clear() {
      kept = [];
      head = 0;
    },
    behind(chain) {
      const events = all();
      const places = events.flatMap((linked, at) => (linked.chain === chain ? [at] : []));
      return places.length === 1 ? events.slice((places[0] as number) + 1) : null;
    },
    all,
  };
}
