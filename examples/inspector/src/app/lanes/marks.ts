import type { Envelope } from 'codex-rx';
import { placeOf, type Lane, type Shape } from './lane-of';

/** Something to draw: an event, or a run of parts of one item. */
export interface Mark {
  readonly lane: Lane;
  readonly shape: Shape;
  readonly from: number;
  to: number;
  /** The number of its first event, and of its last. */
  readonly first: number;
  last: number;
}

/** Parts of an item that come faster than this are one bar, in ms. */
const longestPause = 1_000;

/** The marks of one thread, by lane and time: those of a window are found by halving. */
export class Marks {
  readonly lanes = new Map<Lane, Mark[]>();
  readonly gaps: { readonly from: number; readonly to: number }[] = [];
  from = Infinity;
  to = -Infinity;

  add(event: Envelope, number: number, at: number): void {
    const [lane, shape] = placeOf(event);
    const marks = this.lanes.get(lane) ?? [];
    this.lanes.set(lane, marks);
    const before = marks.at(-1);
    this.from = Math.min(this.from, at);
    this.to = Math.max(this.to, at);
    if (shape === 'run' && before?.shape === 'run' && at - before.to < longestPause) {
      before.to = at;
      before.last = number;
    } else marks.push({ lane, shape, from: at, to: at, first: number, last: number });
  }

  /** The marks of a lane that reach into a window, in their order. */
  within(lane: Lane, from: number, to: number): readonly Mark[] {
    const marks = this.lanes.get(lane) ?? [];
    return marks.slice(
      firstAfter(marks, ({ to: end }) => end >= from),
      firstAfter(marks, ({ from: start }) => start > to),
    );
  }

  /** Forgets the marks of events before this one. */
  forget(number: number): void {
    for (const [lane, marks] of this.lanes) {
      this.lanes.set(lane, marks.slice(firstAfter(marks, ({ last }) => last >= number)));
    }
  }
}

/** The index of the first element that passes, where all after it do. */
function firstAfter<T>(all: readonly T[], test: (one: T) => boolean): number {
  let [low, high] = [0, all.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (test(all[middle] as T)) high = middle;
    else low = middle + 1;
  }
  return low;
}
