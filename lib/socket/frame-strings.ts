import { isPlain, longestText, mostKept, type FrameReader } from './frame-reader.js';

/** Reads frames that were decoded. */
export const frameStrings: FrameReader<string> = {
  startOf: () => 0,
  standing: (text) => (frame, _, from) => frame.startsWith(text, from),
  found(make) {
    const kept = new Map<string, ReturnType<typeof make>>();
    return (frame, _, from) => {
      const end = frame.indexOf('"', from);
      if (end < 0 || end - from > longestText) return null;
      const part = frame.slice(from, end);
      const known = kept.get(part);
      if (known !== undefined) return known;
      if (!isPlain(part)) return null;
      // A copy: what is a part of a frame keeps the frame.
      const text = String.fromCharCode(...Array.from(part, (letter) => letter.charCodeAt(0)));
      if (kept.size === mostKept) kept.clear();
      const what = make(text);
      kept.set(text, what);
      return what;
    };
  },
  holding: (texts) => (frame) =>
    texts.some((text) => frame.includes(text)) || frame.includes('\\u'),
};
