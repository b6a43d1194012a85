import type { FrameFilter } from '../socket/index.js';

/**
 * What codex-manager sends besides the `app_server.…` event of the same notification: the raw
 * `notification`, and Codex's legacy `codex/event/…`. That is five of the six frames for each piece
 * of text. A socket that is filtered to a system-owned thread gets nothing but the raw ones.
 */
export const managerDuplicates: readonly string[] = ['notification', 'app_server.codex.event.*'];

/** Control frames are no events: whatever is ignored, they are read. */
export const controlTypes = ['ready', 'pong', 'error'];
const control = controlTypes.map((type) => `{"type":"${type}"`);

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
  const codes = heads.map(codesOf);
  // Only a type such as `*` or `re*` means control frames too.
  const spared = control.filter((frame) => beginsWithAny(frame, heads));
  const sparedCodes = spared.map(codesOf);
  const length = Math.max(...[...heads, ...spared].map(({ length }) => length));
  return {
    length,
    test: (head) => beginsWithAny(head, heads) && !beginsWithAny(head, spared),
    testBytes: (frame) => bytesBegin(frame, codes) && !bytesBegin(frame, sparedCodes),
  };
}

const codesOf = (text: string): readonly number[] => Array.from(text, (char) => char.charCodeAt(0));

function beginsWithAny(text: string, beginnings: readonly string[]): boolean {
  for (const beginning of beginnings) if (text.startsWith(beginning)) return true;
  return false;
}

function bytesBegin(frame: Uint8Array, beginnings: readonly (readonly number[])[]): boolean {
  for (const beginning of beginnings) {
    // From the end: all frames begin with {"type":".
    let at = beginning.length - 1;
    while (at >= 0 && frame[at] === beginning[at]) at--;
    if (at < 0) return true;
  }
  return false;
}
