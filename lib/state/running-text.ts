import { concat, defer, filter, map, of, type OperatorFunction } from 'rxjs';
import { textSince } from './item-view.js';
import type { ItemKind, ItemView, ThreadView, TurnView } from './thread-view.js';

/**
 * What a terminal writes to show the text of items as it gets longer: each begins on a line of its own,
 * and one whose text was replaced is written anew. One whose beginning was not heard comes when it is
 * complete. Takes the views of a thread, or of a turn.
 *
 * @param kind @default 'agentMessage'
 * @example
 * const { view$ } = startTurn(stream, { threadId, input: 'Look around.' });
 * view$.pipe(runningText()).subscribe((text) => process.stdout.write(text));
 */
export const runningText =
  (kind: ItemKind = 'agentMessage'): OperatorFunction<ThreadView | TurnView, string> =>
  (views$) =>
    defer(() => {
      const written = new Map<string, ItemView>();
      /** The item whose line is not ended; `null` at the beginning of a line. */
      let open: string | null = null;

      function add(item: ItemView): string {
        const { id, revision } = item;
        const before = written.get(id);
        written.set(id, item);
        const isSame = before?.revision === revision;
        const text = textSince(item, isSame ? before.length : 0);
        if (text === '') return '';
        const isNewLine = open !== null && !(isSame && open === id);
        open = text.endsWith('\n') ? null : id;
        return isNewLine ? `\n${text}` : text;
      }

      const textOf = (view: ThreadView | TurnView): string =>
        ('turns' in view ? view.turns : [view])
          .flatMap(({ items }) => items.filter((item) => item.kind === kind))
          .map(add)
          .join('');
      return concat(
        views$.pipe(map(textOf)),
        defer(() => of(open === null ? '' : '\n')),
      ).pipe(filter((text) => text !== ''));
    });
