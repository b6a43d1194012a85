/** A string in the text of a JSON value. */
export interface JsonString {
  readonly value: string;
  /** Where its first quote is, and where the text goes on after its last. */
  readonly start: number;
  readonly end: number;
  /** Whether it is the name of a member. */
  readonly isName: boolean;
  /** The name of the member that it is, or that the array is in which it is. */
  readonly name: string;
  /** The names of the members that it is in, from the outside, its array included. Changes afterwards. */
  readonly path: readonly string[];
}

const quote = 0x22;
const backslash = 0x5c;
const colon = 0x3a;

/**
 * Visits every string of a JSON text, names included, in its order. The text is not made anew, so numbers,
 * white space and the order of members can stay as they are.
 */
export function eachString(json: string, visit: (string: JsonString) => void): void {
  const path: string[] = [];
  let name = '';
  for (let at = 0; at < json.length; at++) {
    const char = json[at];
    if (char === '{' || char === '[') path.push(name);
    else if (char === '}' || char === ']') name = path.pop() ?? '';
    else if (char === '"') {
      const end = endOfString(json, at);
      const value = decoded(json.slice(at, end));
      const isName = isFollowedByColon(json, end);
      visit({ value, start: at, end, isName, name: isName ? '' : name, path });
      if (isName) name = value;
      at = end - 1;
    }
  }
}

function endOfString(json: string, start: number): number {
  let end = start;
  do end = json.indexOf('"', end + 1);
  while (end !== -1 && isEscaped(json, end));
  return end === -1 ? json.length : end + 1;
}

function isEscaped(json: string, at: number): boolean {
  let slashes = 0;
  while (json.charCodeAt(at - 1 - slashes) === backslash) slashes++;
  return slashes % 2 === 1;
}

function isFollowedByColon(json: string, at: number): boolean {
  while (json.charCodeAt(at) <= 0x20) at++;
  return json.charCodeAt(at) === colon;
}

const decoded = (literal: string): string =>
  literal.includes('\\') || literal.charCodeAt(literal.length - 1) !== quote
    ? (JSON.parse(literal) as string)
    : literal.slice(1, -1);
