import { show } from '../checks/show.js';

/**
 * How many places are listed, and how many characters of a value, and of its equal start, are
 * shown.
 */
const [maxPlaces, maxLength, maxAlike] = [6, 72, 20];

/** Where a value differs from the expected one: a line for each place, a few at most. */
export function differences(expected: unknown, actual: unknown): readonly string[] {
  const all = [...differ({ is: expected }, { is: actual }, '')];
  return all.length > maxPlaces
    ? [...all.slice(0, maxPlaces), `and ${all.length - maxPlaces} more`]
    : all;
}

/** A value; `null` if there is none. */
type Place = { readonly is: unknown } | null;

function* differ(expected: Place, actual: Place, path: string): Generator<string> {
  const [wanted, got] = [expected, actual].map((one) => one && show(one.is));
  if (wanted === got) return;
  if (expected && actual && isOpen(expected.is) && isOpen(actual.is)) {
    const isList = Array.isArray(expected.is);
    if (isList === Array.isArray(actual.is)) {
      for (const name of new Set([...Object.keys(expected.is), ...Object.keys(actual.is)])) {
        const at = isList ? `${path}[${name}]` : path + (path && '.') + name;
        yield* differ(memberOf(expected.is, name), memberOf(actual.is, name), at);
      }
      return;
    }
  }
  const from = Math.max(0, commonStart(wanted ?? '', got ?? '') - maxAlike);
  yield `${path && `${path}: `}expected ${cut(wanted, from)}, got ${cut(got, from)}`;
}

type Open = Readonly<Record<string, unknown>>;

/** Whether a value is best compared by its members: a plain object, or a list. */
const isOpen = (value: unknown): value is Open =>
  typeof value === 'object' &&
  value !== null &&
  ([Array.prototype, Object.prototype, null] as unknown[]).includes(Object.getPrototypeOf(value)) &&
  // A value that contains itself has no end.
  !show(value).includes('[circular]');

const memberOf = (value: Open, name: string): Place =>
  Object.hasOwn(value, name) ? { is: value[name] } : null;

function commonStart(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  return at;
}

/** The part of a text that is shown. */
function cut(text: string | null | undefined, from: number): string {
  if (text === null || text === undefined) return 'nothing';
  if (text.length <= maxLength) return text;
  const end = from + maxLength;
  return `${from > 0 ? '…' : ''}${text.slice(from, end)}${end < text.length ? '…' : ''}`;
}
