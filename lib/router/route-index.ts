import type { Envelope } from '../envelope/index.js';
import type { MatcherKey } from '../match/index.js';
import { RouteLists, type Found } from './route-lists.js';

export type { Found } from './route-lists.js';

interface Indexed {
  /** Where the route stands in the order of registration. */
  readonly order: number;
  readonly key: MatcherKey;
  /** Whether it is removed, and only its place in a list is left. */
  readonly closed: boolean;
}

/**
 * Finds the routes that may want an event, in registration order, at a cost that follows those
 * routes and not the routes that exist.
 */
export interface RouteIndex<R extends Indexed> {
  add(route: R): void;
  remove(route: R): void;
  lookup(event: Envelope): Found<R>;
}

export function createRouteIndex<R extends Indexed>(): RouteIndex<R> {
  const anywhere = new TypeTable<R>();
  const byRequest: Scope<R> = new Map();
  const byTurn: Scope<R> = new Map();
  const byThread: Scope<R> = new Map();

  /** Changes the tables that a route stands in: by the narrowest id that it asks for. */
  function change(route: R, how: 'add' | 'remove'): void {
    const { requests, turns, threads } = route.key;
    const scope = requests ? byRequest : turns ? byTurn : byThread;
    const ids = requests ?? turns ?? threads;
    if (ids === undefined) anywhere[how](route);
    for (const id of new Set(ids)) {
      const table = scope.get(id) ?? new TypeTable<R>();
      table[how](route);
      if (table.size > 0) scope.set(id, table);
      else scope.delete(id);
    }
  }

  return {
    add(route) {
      change(route, 'add');
    },
    remove(route) {
      change(route, 'remove');
    },
    lookup({ type, threadId, turnId, requestId }) {
      let found = anywhere.lookup(type);
      if (byThread.size > 0) found = merge(found, byThread.get(threadId ?? '')?.lookup(type));
      if (byTurn.size > 0) found = merge(found, byTurn.get(turnId ?? '')?.lookup(type));
      if (byRequest.size > 0)
        found = merge(found, byRequest.get(String(requestId ?? ''))?.lookup(type));
      return found;
    },
  };
}

type Scope<R extends Indexed> = Map<string, TypeTable<R>>;

/** How many types that no route names are remembered: types come from the network. */
const remembered = 1_000;

/** Routes by event type: exact, by prefix, or any. */
class TypeTable<R extends Indexed> {
  size = 0;
  readonly #exact = new RouteLists<R>();
  /** Routes of any type have the prefix that every type has. */
  readonly #prefixed = new RouteLists<R>();
  /** What was put together for a type; `null` while there is nothing to put together. */
  #lists: Map<string, readonly R[]> | null = null;

  add(route: R): void {
    this.size++;
    this.#change(route, (lists, name) => {
      lists.add(name, route);
    });
  }

  remove(route: R): void {
    this.size--;
    this.#change(route, (lists, name) => {
      lists.remove(name);
    });
  }

  lookup(type: string): Found<R> {
    const exact = this.#exact.get(type) ?? none;
    // Types have routes of their own in most programs, and nothing else.
    const lists = this.#lists;
    return lists === null ? exact : (lists.get(type) ?? this.#collect(type, exact, lists));
  }

  #collect(type: string, exact: Found<R>, lists: Map<string, readonly R[]>): readonly R[] {
    const found = new Set(listOf(exact));
    for (const [prefix, routes] of this.#prefixed) {
      if (type.startsWith(prefix)) for (const route of listOf(routes)) found.add(route);
    }
    const list = [...found].sort(byOrder);
    if (lists.size >= remembered + this.#exact.size) lists.clear();
    lists.set(type, list);
    return list;
  }

  #change({ key }: R, change: (lists: RouteLists<R>, name: string) => void): void {
    const lists = key.types ? this.#exact : this.#prefixed;
    for (const name of new Set(key.types ?? key.prefixes ?? [''])) {
      change(lists, name);
      if (key.types) this.#lists?.delete(name);
    }
    if (!key.types) this.#lists = this.#prefixed.size > 0 ? new Map() : null;
  }
}

const none: readonly never[] = [];

export const isList = Array.isArray as <R>(found: Found<R>) => found is readonly R[];

const listOf = <R>(found: Found<R> = none): readonly R[] => (isList(found) ? found : [found]);

const byOrder = (a: Indexed, b: Indexed): number => a.order - b.order;

function merge<R extends Indexed>(a: Found<R>, b: Found<R> | undefined): Found<R> {
  if (b === undefined || b === none) return a;
  if (a === none) return b;
  return [...listOf(a), ...listOf(b)].sort(byOrder);
}
