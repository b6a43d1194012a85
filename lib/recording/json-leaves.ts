/** An object or an array in the text of a JSON value. */
export interface JsonGroup {
  readonly isArray: boolean;
  /** The name of the member that it is, or that the array is in which it is. */
  readonly name: string;
  readonly parent: JsonGroup | null;
  /** What is in it, but for other groups and `true`, `false` and `null`. */
  readonly leaves: JsonLeaf[];
}

/** A string, a number or the name of a member. */
export interface JsonLeaf {
  readonly kind: 'string' | 'number' | 'name';
  /** What a string means, and how a number is written. */
  readonly value: string;
  /** Where it begins, and where the text goes on after it. */
  readonly start: number;
  readonly end: number;
  /** The name of the member that it is, or that the array is in which it is. */
  readonly name: string;
  readonly group: JsonGroup;
}

const quote = 0x22;
const backslash = 0x5c;
const colon = 0x3a;

/**
 * The leaves of a JSON text, in its order. The text is not written anew, so numbers, white space
 * and the order of members can stay as they are.
 */
export function leavesOf(json: string): readonly JsonLeaf[] {
  const found: JsonLeaf[] = [];
  let group: JsonGroup = { isArray: true, name: '', parent: null, leaves: [] };
  let name = '';
  const add = (kind: JsonLeaf['kind'], value: string, start: number, end: number): void => {
    const leaf = { kind, value, start, end, name: kind === 'name' ? '' : name, group };
    group.leaves.push(leaf);
    found.push(leaf);
  };
  for (let at = 0; at < json.length; at++) {
    const char = json.charAt(at);
    if (char === '{' || char === '[') {
      group = { isArray: char === '[', name, parent: group, leaves: [] };
    } else if (char === '}' || char === ']') {
      name = group.name;
      group = group.parent ?? group;
    } else if (char === '"') {
      const end = endOfString(json, at);
      const value = decoded(json.slice(at, end));
      const isName = isFollowedByColon(json, end);
      add(isName ? 'name' : 'string', value, at, end);
      if (isName) name = value;
      at = end - 1;
    } else if (char === '-' || (char >= '0' && char <= '9')) {
      let end = at + 1;
      while (/[\d.eE+-]/.test(json.charAt(end))) end++;
      add('number', json.slice(at, end), at, end);
      at = end - 1;
    }
  }
  return found;
}

/** The names of the members that a leaf is in, from the outside, its array included. */
export function pathOf({ group }: JsonLeaf): readonly string[] {
  const path: string[] = [];
  for (let each: JsonGroup | null = group; each !== null; each = each.parent)
    path.unshift(each.name);
  return path.slice(1);
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
