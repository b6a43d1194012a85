/** More is not looked into, in characters: it would take long. */
const limit = 2 ** 20;

/** Text, and not bytes that happen to be UTF-8. */
const readable = /^[\t\n\r\x20-\x7e\xa0-\ufffc\u{10000}-\u{10ffff}]*$/u;

export const isReadable = (text: string | null): text is string =>
  text !== null && readable.test(text);

/** The text that base64 means; `null` if it means none, or too much. */
export function base64Text(base64: string): string | null {
  if (base64.length > limit || base64.length % 4 === 1) return null;
  try {
    const plain = base64.replaceAll('-', '+').replaceAll('_', '/');
    const bytes = Uint8Array.from(atob(plain), (char) => char.charCodeAt(0));
    const text = new TextDecoder().decode(bytes);
    return text.includes('\0') ? null : text;
  } catch {
    return null;
  }
}

export function toBase64(text: string): string {
  let bytes = '';
  for (const byte of new TextEncoder().encode(text)) bytes += String.fromCharCode(byte);
  return btoa(bytes);
}

/** A text that was decoded, and where each of its characters comes from. */
export interface Decoded {
  readonly text: string;
  readonly origin: (at: number) => number;
}

const escapes = /\\u([\da-f]{4})|\\x([\da-f]{2})|%([2-7][\da-f])/gi;

/** A text without the escapes of JSON, of JavaScript and of urls; `null` if it has none. */
export function withoutEscapes(text: string): Decoded | null {
  /** By how much what follows has become shorter, from where on. */
  const cuts: (readonly [at: number, by: number])[] = [];
  let by = 0;
  const decoded = text.replace(escapes, (all: string, ...groups: unknown[]) => {
    const [unicode, hex, percent, at] = groups as [string?, string?, string?, number?];
    by += all.length - 1;
    cuts.push([(at ?? 0) + all.length - by, by]);
    return String.fromCharCode(parseInt(unicode ?? hex ?? percent ?? '', 16));
  });
  if (by === 0) return null;
  const origin = (at: number) => at + (cuts.filter(([from]) => from <= at).at(-1)?.[1] ?? 0);
  return { text: decoded, origin };
}
