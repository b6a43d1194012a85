import { createBoundedMap } from '../bounded/index.js';
import type { AppServerPayload, Envelope } from '../envelope/index.js';
import type { Incoming } from '../protocol/index.js';

interface Announced {
  readonly item?: { readonly id?: unknown; readonly type?: unknown; readonly changes?: unknown };
  readonly itemId?: unknown;
  readonly changes?: unknown;
}

/**
 * The changes that a request may ask about. The request does not say them: the start of its item
 * does, and each update of its patch.
 */
export interface FileChanges {
  /** Learns from the start of an item or an update of its patch: the id of the item. */
  observe(event: Envelope): string | null;
  of(threadId: string | null, itemId: string | null): Changes;
}

/** `null`: not known, or one of them could not be read. */
export type Changes = readonly Incoming.FileUpdateChange[] | null;

/** How many items are remembered: the request comes right after the start of its item. */
const maxItems = 100;

export function createFileChanges(): FileChanges {
  const items = createBoundedMap<string, Changes>(maxItems);
  const keyOf = (threadId: string | null, id: string | null) => JSON.stringify([threadId, id]);
  return {
    observe({ threadId, payload }) {
      const params = Object((payload as AppServerPayload | null)?.params) as Announced;
      const { id, type, changes } = params.item ?? {
        id: params.itemId,
        type: 'fileChange',
        changes: params.changes,
      };
      if (type !== 'fileChange' || typeof id !== 'string') return null;
      items.set(keyOf(threadId, id), readChanges(changes));
      return id;
    },
    of: (threadId, itemId) => items.get(keyOf(threadId, itemId)) ?? null,
  };
}

const readChanges = (changes: unknown): Changes =>
  Array.isArray(changes) && changes.every((change) => typeof pathOf(change) === 'string')
    ? (changes as Incoming.FileUpdateChange[])
    : null;

const pathOf = (change: unknown): unknown => (Object(change) as { path?: unknown }).path;

/** The changes of the first protocol, which come with the request. */
export const legacyChanges = (fileChanges: object): Changes =>
  Object.entries(fileChanges).map(([path, change]) => {
    const { type, move_path, unified_diff, content } = Object(change) as Record<string, string>;
    const kind = { type, ...(move_path === undefined ? {} : { move_path }) };
    return { path, kind, diff: unified_diff ?? content ?? '' } as Incoming.FileUpdateChange;
  });

/** Every path that changes touch: where a file is moved to as well. */
export const pathsOf = (changes: Changes): readonly string[] | null =>
  changes?.flatMap(({ path, kind }) => {
    const { move_path = null } = Object(kind) as { readonly move_path?: string | null };
    return move_path === null ? [path] : [path, move_path];
  }) ?? null;
