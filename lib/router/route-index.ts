import type { Envelope, RequestId } from '../envelope/index.js';
import type { MatcherKey } from '../match/index.js';

interface Indexed {
  /** Where the route stands in the order of registration. */
  readonly order: number;
  readonly key: MatcherKey;
}

/**
 * Finds the routes that may want an event, in registration order, at a cost that follows those
 * routes and not the routes that exist. A list that was handed out never changes.
 */
export interface RouteIndex<R extends Indexed> {
  add(route: R): void;
  remove(route: R): void;
  lookup(event: Envelope): readonly R[];
}

export function createRouteIndex<R extends Indexed>(): RouteIndex<R> {
  const anywhere = new TypeTable<R>();
  const requests = new Map<string, TypeTable<R>>();
  const turns = new Map<string, TypeTable<R>>();
  const threads = new Map<string, TypeTable<R>>();

  /** The tables that a route stands in: by the narrowest id that it asks for. */
  function place({ key }: R): readonly [Map<string, TypeTable<R>>, readonly string[]] | null {
    if (key.requests) return [requests, key.requests];
    if (key.turns) return [turns, key.turns];
    if (key.threads) return [threads, key.threads];
    return null;
  }

  return {
    add(route) {
      const placed = place(route);
      if (placed === null) {
        anywhere.add(route);
        return;
      }
      const [scope, ids] = placed;
      for (const id of new Set(ids)) {
        let table = scope.get(id);
        if (table === undefined) scope.set(id, (table = new TypeTable()));
        table.add(route);
      }
    },
    remove(route) {
      const placed = place(route);
      if (placed === null) {
        anywhere.remove(route);
        return;
      }
      const [scope, ids] = placed;
      for (const id of new Set(ids)) {
        const table = scope.get(id);
        table?.remove(route);
        if (table?.size === 0) scope.delete(id);
      }
    },
    lookup(event) {
      const { type } = event;
      let found = anywhere.lookup(type);
      if (threads.size > 0) found = merge(found, at(threads, event.threadId)?.lookup(type));
      if (turns.size > 0) found = merge(found, at(turns, event.turnId)?.lookup(type));
      if (requests.size > 0) found = merge(found, at(requests, event.requestId)?.lookup(type));
      return found;
    },
  };
}

const at = <T>(scope: Map<string, T>, id: RequestId | null): T | undefined =>
  id === null ? undefined : scope.get(String(id));

/** How many types that no route names are remembered: types come from the network. */
const remembered = 1_000;

/** Routes by event type: exact, by prefix, or any. Lists are copied on writing, never changed. */
class TypeTable<R extends Indexed> {
  size = 0;
  readonly #exact = new Map<string, readonly R[]>();
  /** By the length of the prefix, and the prefix. */
  #prefixes: Map<number, Map<string, readonly R[]>> | null = null;
  #any: readonly R[] = none;
  /** The lists that had to be put together, of types that routes name and of others. */
  #named: Map<string, readonly R[]> | null = null;
  #others: Map<string, readonly R[]> | null = null;

  add(route: R): void {
    this.size++;
    this.#change(route, (routes) => [...routes, route]);
  }

  remove(route: R): void {
    this.size--;
    this.#change(route, (routes) => routes.filter((other) => other !== route));
  }

  lookup(type: string): readonly R[] {
    const exact = this.#exact.get(type);
    // Types have routes of their own in most programs, and nothing else.
    if (this.#any.length === 0 && this.#prefixes === null) return exact ?? none;
    return this.#collected(type, exact);
  }

  #collected(type: string, exact: readonly R[] | undefined): readonly R[] {
    if (this.#prefixes === null && exact === undefined) return this.#any;
    if (exact) this.#named ??= new Map();
    else this.#others ??= new Map();
    const lists = (exact ? this.#named : this.#others) as Map<string, readonly R[]>;
    let list = lists.get(type);
    if (list === undefined) {
      if (!exact && lists.size >= remembered) lists.clear();
      lists.set(type, (list = this.#collect(type, exact ?? none)));
    }
    return list;
  }

  #collect(type: string, exact: readonly R[]): readonly R[] {
    const found = new Set([...exact, ...this.#any]);
    for (const [length, routes] of this.#prefixes ?? none) {
      for (const route of routes.get(type.slice(0, length)) ?? none) found.add(route);
    }
    return [...found].sort(byOrder);
  }

  #change(route: R, change: (routes: readonly R[]) => readonly R[]): void {
    const { types, prefixes } = route.key;
    if (types) {
      for (const type of new Set(types)) {
        changeIn(this.#exact, type, change);
        this.#named?.delete(type);
      }
      return;
    }
    const byLength = (this.#prefixes ??= new Map<number, Map<string, readonly R[]>>());
    for (const prefix of new Set(prefixes)) {
      const routes = byLength.get(prefix.length) ?? new Map<string, readonly R[]>();
      changeIn(routes, prefix, change);
      if (routes.size > 0) byLength.set(prefix.length, routes);
      else byLength.delete(prefix.length);
    }
    if (byLength.size === 0) this.#prefixes = null;
    if (!prefixes) this.#any = change(this.#any);
    this.#named = this.#others = null;
  }
}

const none: readonly never[] = [];

function changeIn<R>(
  lists: Map<string, readonly R[]>,
  name: string,
  change: (routes: readonly R[]) => readonly R[],
): void {
  const changed = change(lists.get(name) ?? none);
  if (changed.length > 0) lists.set(name, changed);
  else lists.delete(name);
}

const byOrder = (a: Indexed, b: Indexed): number => a.order - b.order;

/** Two lists in registration order as one. */
function merge<R extends Indexed>(a: readonly R[], b: readonly R[] | undefined): readonly R[] {
  if (b === undefined || b.length === 0) return a;
  if (a.length === 0) return b;
  return [...a, ...b].sort(byOrder);
}
