/*
 * Text of an agent or a server may hold characters that a terminal acts on, or that reorder or hide
 * what stands around them. Shown are their escapes, as in JSON: ESC becomes `\u001b`.
 */

/* eslint-disable no-misleading-character-class -- it is parts of characters that are matched */

/** Controls (C0, C1), what is ignored where it is shown (bidi, zero-width, tags), separators. */
const inLine = /[\p{Cc}\p{DI}\u2028\u2029\ufff9-\ufffb]/gu;

/** The same without TAB, LF and variation selectors. */
const inJson = /(?![\t\n\ufe00-\ufe0f])[\p{Cc}\p{DI}\u2028\u2029\ufff9-\ufffb]/gu;

/** A joiner after a letter or an emoji, and in front of one, is the first group, and stays. */
const inText =
  /([\p{L}\p{M}\p{Extended_Pictographic}\p{Emoji_Modifier}][\u200c\u200d](?=[\p{L}\p{Extended_Pictographic}]))|(?![\t\n\ufe00-\ufe0f])[\p{Cc}\p{DI}\u2028\u2029\ufff9-\ufffb]/gu;

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
