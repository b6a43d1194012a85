import type { AppServerPayload, Envelope } from '../envelope/index.js';
import type { ServerRequest } from './server-request.js';

interface Change {
  readonly path?: unknown;
  readonly kind?: { readonly move_path?: unknown };
}

interface Started {
  readonly item?: { readonly id?: unknown; readonly type?: unknown; readonly changes?: unknown };
}

/** The files of changes that may be asked about: only the start of the item tells them. */
export interface ChangedPaths {
  see(event: Envelope): void;
  of(request: ServerRequest): readonly string[] | null;
}

/** How many items are remembered: the request comes right after the start of its item. */
const bound = 100;

export function createChangedPaths(): ChangedPaths {
  const items = new Map<string, readonly string[]>();
  const keyOf = (threadId: string | null, id: unknown) => `${threadId} ${String(id)}`;
  return {
    see({ threadId, payload }) {
      const { item } = Object((payload as AppServerPayload | null)?.params) as Started;
      if (item?.type !== 'fileChange' || !Array.isArray(item.changes)) return;
      const changes = item.changes as readonly (Change | null)[];
      const paths = changes.flatMap((change) => [change?.path, change?.kind?.move_path]);
      items.set(
        keyOf(threadId, item.id),
        paths.filter((path) => typeof path === 'string'),
      );
      if (items.size > bound) items.delete(items.keys().next().value as string);
    },
    of({ kind, threadId, itemId }) {
      const paths = kind === 'file-change' ? items.get(keyOf(threadId, itemId)) : undefined;
      return paths ?? null;
    },
  };
}
