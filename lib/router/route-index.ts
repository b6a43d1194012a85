import type { Envelope } from '../envelope/index.js';
import type { MatcherKey } from '../match/index.js';
import { distinct, inOrder, none, TypeTable, type Found, type Indexed } from './type-table.js';

/**
 * Finds the routes that may want an event, in registration order, at a cost that follows those
 * routes and not the routes that exist.
 */
export interface RouteIndex<R extends Indexed> {
  add(route: R): void;
  /** Removes a route, which is closed already. */
  remove(route: R): void;
  lookup(event: Envelope): Found<R>;
}

export function createRouteIndex<R extends Indexed>(): RouteIndex<R> {
  const anywhere = new TypeTable<R>();
  const byRequest = new Map<string, TypeTable<R>>();
  const byTurn: typeof byRequest = new Map();
  const byThread: typeof byRequest = new Map();

  /** Changes the tables that a route stands in: by the narrowest id that it asks for. */
  const change = (isAdded: boolean) => (route: R) => {
    const { requests, turns, threads }: MatcherKey = route.key;
    const scope = requests ? byRequest : turns ? byTurn : byThread;
    const ids = requests ?? turns ?? threads;
    if (ids === undefined) anywhere.change(route, isAdded);
    else
      for (const id of distinct(ids)) {
        const table = scope.get(id) ?? new TypeTable<R>();
        table.change(route, isAdded);
        if (table.isEmpty) scope.delete(id);
        else scope.set(id, table);
      }
  };

  return {
    add: change(true),
    remove: change(false),
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

function merge<R extends Indexed>(a: Found<R>, b: Found<R> | undefined): Found<R> {
  if (b === undefined || b === none) return a;
  return a === none ? b : inOrder(a, b);
}
