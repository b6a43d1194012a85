import type { Envelope } from '../envelope/index.js';
import type { ObservableInput } from 'rxjs';
import type { StreamContext } from './context.js';
import { Lane } from './lane.js';
import type { RunningRoute } from './running-route.js';

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
    const lane = this.#laneOf(key);
    lane.take(value, envelope, context);
    if (lane.idle) this.#rest(key);
  }

  /** Waits for the result of a route without keys. */
  hold(result: ObservableInput<unknown>, envelope: Envelope | null): void {
    this.#laneOf(undefined).hold(result, envelope);
  }

  close(): void {
    for (const lane of this.#lanes.values()) lane.close();
  }

  #laneOf(key: unknown): Lane {
    let lane = this.#lanes.get(key);
    if (lane === undefined) {
      lane = new Lane(this.#route, () => {
        this.#rest(key);
      });
      this.#lanes.set(key, lane);
    }
    return lane;
  }

  /** A key's lane is kept while something runs or waits in it: keys may be without end. */
  #rest(key: unknown): void {
    if (key !== undefined) this.#lanes.delete(key);
  }
}
