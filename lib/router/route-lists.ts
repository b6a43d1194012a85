/** What a list holds. A route is closed before it is removed. */
interface Closable {
  readonly closed: boolean;
}

/**
 * Routes in registration order; a lone one as itself, since with thousands of routes every object
 * around it is a cache miss for each event. A list may still hold routes that are closed, and grows
 * at its end: who walks over it stops at the length that it began with.
 */
export type Found<R> = R | readonly R[];

/**
 * Lists of routes by name. To add and to remove a route costs the same in a long list as in a short
 * one: a list grows in place, and is copied without its closed routes when they are half of it.
 */
export class RouteLists<R extends Closable> {
  readonly #lists = new Map<string, R | R[]>();
  /** How many closed routes a list holds. */
  readonly #closed = new Map<string, number>();

  get size(): number {
    return this.#lists.size;
  }

  get(name: string): Found<R> | undefined {
    return this.#lists.get(name);
  }

  add(name: string, route: R): void {
    const routes = this.#lists.get(name);
    if (routes === undefined) this.#lists.set(name, route);
    else if (Array.isArray(routes)) routes.push(route);
    else this.#lists.set(name, [routes, route]);
  }

  remove(name: string): void {
    const routes = this.#lists.get(name);
    const closed = (this.#closed.get(name) ?? 0) + 1;
    if (!Array.isArray(routes) || closed === routes.length) {
      this.#lists.delete(name);
      this.#closed.delete(name);
    } else if (closed * 2 < routes.length) {
      this.#closed.set(name, closed);
    } else {
      // A copy: somebody may be walking over the list.
      const left = routes.filter((route) => !route.closed);
      this.#lists.set(name, left.length === 1 ? (left[0] as R) : left);
      this.#closed.delete(name);
    }
  }

  [Symbol.iterator](): IterableIterator<[string, Found<R>]> {
    return this.#lists.entries();
  }
}
