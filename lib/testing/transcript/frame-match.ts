import { insideOf, isExactly, isWildcard, nameOf, type Captured } from './wildcard.js';

/** Captured values by their names. */
export type Captures = Map<string, unknown>;

/** A place where a value is not the expected one, with both as text. */
export interface Difference {
  /** `params.input[0].text`; empty for the value as a whole. */
  readonly path: string;
  readonly expected: string;
  readonly received: string;
}

/**
 * Where a value differs from the expected one. Objects may have more members than are named, except
 * those of `exactly`; `undefined` expects that there is none. Captured values are added to
 * `captures`, which are of no use once something differs.
 */
export function differences(
  expected: unknown,
  received: unknown,
  captures: Captures,
  path = '',
  isExact = false,
): readonly Difference[] {
  const differ = () => [{ path, expected: text(expected, captures), received: text(received) }];
  const name = nameOf(expected);
  if (name !== undefined) {
    if (captures.has(name)) {
      const isSame = differences(captures.get(name), received, captures, path, true).length === 0;
      const known = `${text(captures.get(name))}, captured as "${name}"`;
      return isSame ? [] : [{ path, expected: known, received: text(received) }];
    }
    const { like } = expected as Captured;
    const found = differences(like, received, captures, path, isExact);
    if (found.length === 0) captures.set(name, received);
    return found;
  }
  if (isExactly(expected)) return differences(insideOf(expected), received, captures, path, true);
  if (isWildcard(expected)) return expected.asymmetricMatch(received) ? [] : differ();
  if (Array.isArray(expected)) {
    if (!Array.isArray(received) || received.length !== expected.length) return differ();
    return expected.flatMap((item, i) =>
      differences(item, received[i], captures, `${path}[${i}]`, isExact),
    );
  }
  if (!isObject(expected)) return Object.is(expected, received) ? [] : differ();
  if (!isObject(received) || Array.isArray(received)) return differ();
  const names = new Set([...Object.keys(expected), ...(isExact ? Object.keys(received) : [])]);
  return [...names].flatMap((name) =>
    differences(expected[name], received[name], captures, join(path, name), isExact),
  );
}

/**
 * A value with captured values in the places of their names.
 *
 * @throws Error that names the value that is not captured.
 */
export function fill(value: unknown, captures: Captures): unknown {
  const name = nameOf(value);
  if (name !== undefined) {
    if (captures.has(name)) return captures.get(name);
    throw new Error(`nothing was captured as "${name}"`);
  }
  if (isExactly(value)) return fill(insideOf(value), captures);
  if (isWildcard(value)) throw new Error(`${String(value)} says nothing that can be sent`);
  if (Array.isArray(value)) return value.map((item) => fill(item, captures));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, fill(member, captures)]),
  );
}

/**
 * A value as JSON in which wildcards and names show, of which those that are known as their value.
 */
export function text(value: unknown, captures?: Captures): string {
  const name = nameOf(value);
  if (name !== undefined) {
    return captures?.has(name) ? text(captures.get(name)) : `<captured ${name}>`;
  }
  if (isExactly(value)) return text(insideOf(value), captures);
  if (isWildcard(value)) return String(value);
  if (Array.isArray(value)) return `[${value.map((item) => text(item, captures)).join(',')}]`;
  if (value === undefined) return 'nothing';
  if (!isObject(value)) return JSON.stringify(value);
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .map(([name, member]) => `${JSON.stringify(name)}:${text(member, captures)}`);
  return `{${members.join(',')}}`;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

const join = (path: string, name: string): string => {
  const member = /^[\w$]+$/.test(name) ? name : `[${JSON.stringify(name)}]`;
  return path === '' || member.startsWith('[') ? path + member : `${path}.${member}`;
};
