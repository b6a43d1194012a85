import type { Envelope } from '../envelope/index.js';
import type { StreamContext } from './context.js';
import { Lane } from './lane.js';
import type { RunningRoute } from './running-route.js';
import type { Waitable } from './waitable.js';

/** The lanes of a route: one for each key, or one for all. */
export class Lanes {
  readonly #route: RunningRoute;
  readonly #lanes = new Map<unknown, Lane>();

  constructor(route: RunningRoute) {
    this.#route = route;
  }

  get idle(): boolean {
    const { running, waiting } = this.#route.counts;
    return running === 0 && waiting === 0;
  }

  take(value: unknown, envelope: Envelope | null, context: StreamContext): void {
    const key = this.#route.settings.key?.(value as never);
    this.#laneOf(key).take(value, envelope, context);
  }

  /** Waits for the result of a route without keys. */
  hold(result: Waitable, envelope: Envelope | null): void {
    this.#laneOf(undefined).hold(result, envelope);
  }

  close(): void {
    for (const lane of this.#lanes.values()) lane.close();
  }

  #laneOf(key: unknown): Lane {
    const known = this.#lanes.get(key);
    if (known !== undefined) return known;
    const lane = new Lane(this.#route, () => {
      // A key's lane is kept while something runs or waits in it: keys may be without end.
      if (key !== undefined) this.#lanes.delete(key);
      this.#route.rested();
    });
    this.#lanes.set(key, lane);
    return lane;
  }
}
