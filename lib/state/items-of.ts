import { map, type Observable, type OperatorFunction } from 'rxjs';
import type { ItemKind, ItemOf, ItemView, ThreadView } from './thread-view.js';

/**
 * The items of a kind in each view of a thread, in order.
 *
 * @example
 * views$.pipe(itemsOf('agentMessage')).subscribe((messages) => show(messages.at(-1)?.text));
 */
export const itemsOf = <Kind extends ItemKind>(
  kind: Kind,
): OperatorFunction<ThreadView, readonly ItemOf<Kind>[]> =>
  map(({ turns }) =>
    turns.flatMap(({ items }) => items.filter((item): item is ItemOf<Kind> => isOf(item, kind))),
  );

const isOf = (item: ItemView, kind: ItemKind): boolean => item.kind === kind;

/** The commands that have completed in each view of a thread. */
export const completedCommands =
  () =>
  (views$: Observable<ThreadView>): Observable<readonly ItemOf<'commandExecution'>[]> =>
    views$.pipe(
      itemsOf('commandExecution'),
      map((commands) => commands.filter(({ state }) => state === 'completed')),
    );
