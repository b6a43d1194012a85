import { brief, describeValue } from './describe-value.js';
import { differences } from './differences.js';
import { draw, type Drawing, type Row } from './diagram.js';
import type { Meanings } from './letters.js';
import type { Entry } from './log.js';
import { show } from '../checks/show.js';

/** What was expected, with the letter that stands for it. */
export interface Expected extends Entry {
  readonly letter: string;
}

/** The part of an actual value that is compared with the expected one. */
export type View = (actual: unknown, expected: unknown) => unknown;

export interface Explained {
  readonly expected: readonly Expected[];
  readonly actual: readonly Entry[];
  readonly view: View;
  /** The meanings of other letters. */
  readonly meanings: Meanings;
}

/** How many letters are explained at most. */
const legend = 12;

/** Letters for values without one; first those that the alphabet of this kit does not use. */
const spare = Array.from('abgjlmuvwxyz0123456789nipderqksotcfh');

/**
 * How the actual entries differ from the expected ones: both diagrams, the first difference, and
 * the meanings of the letters; `null` if they do not differ.
 */
export function explain(explained: Explained): string | null {
  const { expected, actual, view } = explained;
  const isSame = (one: Entry | undefined, other: Entry | undefined): boolean =>
    one?.kind === other?.kind && one?.frame === other?.frame && alike(view, one, other);
  const longest = expected.length > actual.length ? expected : actual;
  const at = longest.findIndex((_, index) => !isSame(expected[index], actual[index]));
  if (at < 0) return null;

  const letters = lettersFor(explained);
  const wanted = expected.map(({ frame, letter }) => ({ frame, char: letter }));
  const got = actual.map(({ frame }, index) => ({ frame, char: letters[index] as string }));
  const frame = Math.min(expected[at]?.frame ?? Infinity, actual[at]?.frame ?? Infinity);
  const [due, came] = [expected[at], actual[at]].map((one) => (one?.frame === frame ? one : null));
  const { lines, columnOf } = draw([wanted, got], frame);
  const symbol = (due ? wanted : got)[at] as Row[number];
  const report = [
    `frame ${frame}: expected ${what(due, wanted[at]?.char)}`,
    `got ${what(came, got[at]?.char)}${elsewhere(explained, due, came)}`,
  ].join(', ');
  return [
    `Expected  ${lines[0]}`,
    `but got   ${lines[1]}`,
    `${' '.repeat(10 + (columnOf(symbol) ?? 0))}^ ${report}`,
    ...section(due && came ? places(view, due, came) : []),
    ...section(explanations([...wanted, ...got], [...expected, ...actual], columnOf)),
  ].join('\n');
}

function alike(view: View, expected?: Entry, actual?: Entry): boolean {
  const seen = expected?.kind === 'next' ? view(actual?.value, expected.value) : actual?.value;
  return show(expected?.value) === show(seen);
}

type Meaning = readonly [letter: string, value: unknown];

/** Entries with letters: those of equal values, where there are any. */
export function lettered(entries: readonly Entry[], meanings: Meanings): readonly Expected[] {
  const letters = lettersFor({ expected: [], actual: entries, view: (value) => value, meanings });
  return entries.map((entry, index) => ({ ...entry, letter: letters[index] as string }));
}

/** The letters of the actual entries. */
function lettersFor({ expected, actual, view, meanings }: Explained): readonly string[] {
  const used = new Set(expected.map(({ letter }) => letter));
  const known: readonly Meaning[] = [
    ...expected
      .filter(({ kind }) => kind === 'next')
      .map(({ letter, value }): Meaning => [letter, value]),
    ...Object.entries(meanings).filter(([letter]) => !used.has(letter)),
  ];
  const found = new Map<string, string>();
  return actual.map(({ kind, value }) => {
    if (kind !== 'next') return kind === 'error' ? '#' : '|';
    if (typeof value === 'string' && /^\w$/.test(value)) return value;
    const shown = show(value);
    const isThis = ([, one]: Meaning) => show(view(value, one)) === show(one);
    const meant = found.get(shown) ?? known.find(isThis)?.[0];
    const letter = meant ?? spare.find((one) => !used.has(one)) ?? '?';
    found.set(shown, letter);
    used.add(letter);
    return letter;
  });
}

function what(entry: Entry | null | undefined, letter = ''): string {
  if (!entry) return 'nothing';
  if (entry.kind === 'complete') return 'the end';
  const value = brief(entry.value);
  if (entry.kind === 'error') return `the error ${value}`;
  return entry.value === letter ? letter : `${letter} (${value})`;
}

/** An entry that is missing here may be somewhere else, where it was not expected. */
function elsewhere(
  { expected, actual, view }: Explained,
  due: Entry | null | undefined,
  came: Entry | null | undefined,
): string {
  const isSame = (one: Entry, other: Entry) => one.kind === other.kind && alike(view, one, other);
  const isAt = (one: Entry, other: Entry) => one.frame === other.frame && isSame(one, other);
  const late = actual.find(
    (one) => due && isSame(due, one) && !expected.some((other) => isAt(other, one)),
  );
  if (late) return `; it came at frame ${late.frame}`;
  const early = expected.find(
    (one) => !due && came && isSame(one, came) && !actual.some((other) => isAt(one, other)),
  );
  return early ? `; it was expected at frame ${early.frame}` : '';
}

/** Where two values of a kind differ. */
function places(view: View, due: Entry, came: Entry): readonly string[] {
  const typeOf = (value: unknown) => (Object(value) as { readonly type?: unknown }).type;
  if (due.kind !== came.kind || typeOf(due.value) !== typeOf(came.value)) return [];
  const seen = due.kind === 'next' ? view(came.value, due.value) : came.value;
  const all = differences(due.value, seen);
  // A difference without a place is in the message already.
  return all.filter((line) => !line.startsWith('expected '));
}

/** The meanings of the letters that are drawn. */
function explanations(
  row: Row,
  entries: readonly Entry[],
  columnOf: Drawing['columnOf'],
): readonly string[] {
  const lines = new Map<string, string>();
  row.forEach((symbol, index) => {
    const { char } = symbol;
    const { kind, value } = entries[index] as Entry;
    if (kind !== 'next' || value === char || lines.has(char)) return;
    if (columnOf(symbol) === undefined) return;
    lines.set(char, `${char}  ${describeValue(value)}`);
  });
  const all = [...lines.values()];
  return all.length > legend ? [...all.slice(0, legend), '…'] : all;
}

const section = (lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : ['', ...lines.map((line) => `  ${line}`)];
