import type { FrameFilter } from '../socket/index.js';

/**
 * What codex-manager sends besides the `app_server.…` event of the same notification: the raw
 * `notification`, and Codex's legacy `codex/event/…`. That is five of the six frames for each piece
 * of text. A socket that is filtered to a system-owned thread gets nothing but the raw ones.
 */
export const managerDuplicates: readonly string[] = ['notification', 'app_server.codex.event.*'];

/** Control frames are no events: whatever is ignored, they are read. */
const control = ['ready', 'pong', 'error'].map((type) => `{"type":"${type}"`);

/**
 * Knows frames of these types by their first bytes. A type that ends in `*` means all that begin so.
 * codex-manager writes `{"type":"…` first; a frame that begins otherwise is not meant.
 */
export function ignoredFrames(types: readonly string[]): FrameFilter | null {
  if (types.length === 0) return null;
  const heads = types.map((type) => {
    const isPrefix = type.endsWith('*');
    const quoted = JSON.stringify(isPrefix ? type.slice(0, -1) : type);
    return `{"type":${isPrefix ? quoted.slice(0, -1) : quoted}`;
  });
  const beginsWithAny = (text: string, beginnings: readonly string[]): boolean => {
    for (const beginning of beginnings) if (text.startsWith(beginning)) return true;
    return false;
  };
  return {
    length: Math.max(...heads.map(({ length }) => length), ...control.map(({ length }) => length)),
    test: (head) => beginsWithAny(head, heads) && !beginsWithAny(head, control),
  };
}
