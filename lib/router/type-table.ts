import type { MatcherKey } from '../match/index.js';

export interface Indexed {
  /** Where the route stands in the order of registration. */
  readonly order: number;
  readonly key: MatcherKey;
  /** Whether it is removed, and only its place in a list is left. */
  readonly closed: boolean;
}

/**
 * Routes in registration order; a lone one as itself, since with thousands of routes every object
 * around it is a cache miss for each event. A list may still hold routes that are closed, and grows
 * at its end: a loop over it stops at the length that it began with.
 */
export type Found<R> = R | readonly R[];

/** How many types that no route names are remembered: types come from the network. */
const remembered = 1_000;

/**
 * Routes by event type: exact, by prefix, or any. Adding and removing a route costs the same in a
 * long list as in a short one: a list grows in place, and is copied without its closed routes when
 * they are half of it.
 */
export class TypeTable<R extends Indexed> {
  /** By the type that they name; those that name none, under `null`. */
  readonly #lists = new Map<string | null, R | R[]>();
  /** How many closed routes a list holds. */
  readonly #closed = new Map<string | null, number>();
  /** The lists of a type and of `null`, put together; `null` while nothing is to be. */
  #merged: Map<string, readonly R[]> | null = null;

  get isEmpty(): boolean {
    return this.#lists.size === 0;
  }

  change(route: R, isAdded: boolean): void {
    for (const name of distinct(route.key.types ?? anyType)) {
      if (isAdded) this.#add(name, route);
      else this.#remove(name);
      if (name !== null) this.#merged?.delete(name);
      else this.#merged = this.#lists.has(null) ? new Map() : null;
    }
  }

  lookup(type: string): Found<R> {
    // In most programs types have their own routes, and nothing else.
    const merged = this.#merged;
    if (merged === null) return this.#lists.get(type) ?? none;
    return merged.get(type) ?? this.#merge(type, merged);
  }

  #merge(type: string, merged: Map<string, readonly R[]>): readonly R[] {
    const begins = (prefix: string) => type.startsWith(prefix);
    const others = listOf(this.#lists.get(null)).filter(
      ({ closed, key }) => !closed && (key.prefixes ?? ['']).some(begins),
    );
    const list = inOrder(others, this.#lists.get(type));
    if (merged.size >= remembered + this.#lists.size) merged.clear();
    merged.set(type, list);
    return list;
  }

  #add(name: string | null, route: R): void {
    const routes = this.#lists.get(name);
    if (isList<R>(routes)) routes.push(route);
    else this.#lists.set(name, routes === undefined ? route : [routes, route]);
  }

  #remove(name: string | null): void {
    const routes = listOf(this.#lists.get(name));
    const closed = (this.#closed.get(name) ?? 0) + 1;
    if (closed * 2 < routes.length) {
      this.#closed.set(name, closed);
      return;
    }
    this.#closed.delete(name);
    // A copy: a loop may be walking over the list.
    const left = routes.filter((route) => !route.closed);
    if (left.length === 0) this.#lists.delete(name);
    else this.#lists.set(name, left.length === 1 ? (left[0] as R) : left);
  }
}

export const none: readonly never[] = [];

const anyType = [null];

/** A name may be given twice. */
export const distinct = <T>(names: readonly T[]): Iterable<T> =>
  names.length > 1 ? new Set(names) : names;

export const isList = Array.isArray as <R>(found: Found<R> | undefined) => found is readonly R[];

const listOf = <R>(found: Found<R> = none): readonly R[] => (isList(found) ? found : [found]);

export const inOrder = <R extends Indexed>(a: Found<R>, b?: Found<R>): readonly R[] =>
  [...listOf(a), ...listOf(b)].sort((a, b) => a.order - b.order);
