/** A text, an expression that it must match, or a test. A text means exactly that. */
export type Pattern = string | RegExp | ((text: string) => boolean);

export const matches = (pattern: Pattern, text: string): boolean => {
  if (typeof pattern === 'function') return pattern(text);
  // `search`, and not `test`: that would go on from where a global expression was last.
  return typeof pattern === 'string' ? pattern === text : text.search(pattern) >= 0;
};

/**
 * A text as a file system may compare it: without letter case, Unicode form and ignored characters.
 */
export const folded = (text: string): string =>
  text
    .normalize('NFKC')
    .replace(/\p{Default_Ignorable_Code_Point}/gu, '')
    .toUpperCase()
    .toLowerCase()
    .normalize('NFKC');

/** Whether a text matches in any letter case and Unicode form. */
export function matchesLoosely(pattern: Pattern, text: string): boolean {
  const forms = [text, text.normalize('NFC'), text.normalize('NFD'), folded(text)];
  if (typeof pattern === 'string') return folded(pattern) === forms[3];
  const loose =
    pattern instanceof RegExp && !pattern.ignoreCase
      ? new RegExp(pattern.source, `${pattern.flags}i`)
      : pattern;
  return [...new Set(forms)].some((form) => matches(loose, form));
}
