import { frameBytes } from '#websocket';
import { frameStrings, type FrameFilter, type FrameReader } from '../socket/index.js';

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
  // Only a type such as `*` or `re*` means control frames too.
  const spared = control.filter((frame) => heads.some((head) => frame.startsWith(head)));

  function testOf<Frame>({ startOf, standing }: FrameReader<Frame>): (frame: Frame) => boolean {
    const begins = (texts: readonly string[]) => {
      const tests = texts.map(standing);
      return (frame: Frame, start: number) => {
        for (const test of tests) if (test(frame, start, 0)) return true;
        return false;
      };
    };
    const [isMeant, isSpared] = [begins(heads), begins(spared)];
    return (frame) => {
      const start = startOf(frame);
      return isMeant(frame, start) && !isSpared(frame, start);
    };
  }

  return {
    length: Math.max(...[...heads, ...spared].map(({ length }) => length)),
    test: testOf(frameStrings),
    ...(frameBytes && { testBytes: testOf(frameBytes) }),
  };
}
