/*
 * Text of an agent or a server may hold characters that a terminal acts on, or that reorder or hide
 * what stands around them. Shown are their escapes, as in JSON: ESC becomes `\u001b`.
 */

/** C0 without TAB and LF, DEL, C1, bidi and zero-width controls, blank fillers, tags. */
const controls = String.raw`\0-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\u{e0000}-\u{e0fff}`;

/* eslint-disable no-misleading-character-class -- it is parts of characters that are matched */
const inLine = /* @__PURE__ */ new RegExp(String.raw`[\t\n\ufe00-\ufe0f${controls}]`, 'gu');
const inJson = /* @__PURE__ */ new RegExp(`[${controls}]`, 'gu');

/** A joiner after a letter or an emoji, and in front of one, is the first group, and stays. */
const inText = /* @__PURE__ */ new RegExp(
  String.raw`([\p{L}\p{M}\p{Extended_Pictographic}\p{Emoji_Modifier}][\u200c\u200d](?=[\p{L}\p{Extended_Pictographic}]))|[${controls}]`,
  'gu',
);

/* eslint-enable no-misleading-character-class */

const escape = (char: string): string => {
  let escaped = '';
  // By UTF-16 units: JSON knows no others.
  for (let at = 0; at < char.length; at++) {
    escaped += `\\u${char.charCodeAt(at).toString(16).padStart(4, '0')}`;
  }
  return escaped;
};

/** A message, perhaps of several lines: LF, TAB, and joiners within words and emoji stay. */
export const visibleText = (text: string): string =>
  text.replace(inText, (char, joined?: string) => joined ?? escape(char));

/** A command, a path, a url or an id: nothing that cannot be seen stays, and it is one line. */
export const visibleLine = (text: string): string => text.replace(inLine, escape);

/** The text of a JSON value, with the same value, for a terminal. */
export const visibleJson = (json: string): string =>
  // Outside of strings, where it may stand in JSON, CR separates as a space does.
  json.replaceAll('\r', ' ').replace(inJson, escape);
