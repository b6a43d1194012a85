import type { Observable } from 'rxjs';
import type { TestScheduler } from 'rxjs/testing';
import { siteOf, type Expectations } from './expectations.js';
import { explain, lettered, type Expected, type View } from './explain.js';
import type { ExpectedObservable } from './marble-test.js';
import { mapped, meaningsOf, type Meanings, type Values } from './letters.js';
import { parse, readable, record, type Entry } from './log.js';

/** How the diagram of an expectation is read. */
export interface Reading {
  /** The name of the expectation. */
  readonly name: string;
  /** When its source is subscribed to, as a subscription diagram. */
  readonly life?: string | undefined;
  /** The meanings of the letters of a diagram; they may depend on the actual entries. */
  readonly meaning: (
    diagram: string,
    values: Values | undefined,
    actual: readonly Entry[],
  ) => Meanings;
  /**
   * The part of an actual value that is compared.
   *
   * @default all of it
   */
  readonly view?: View;
  /** The letters of values that were not expected. */
  readonly names: Meanings;
}

/** Records what a source does, to be compared with a diagram. */
export function expecting(
  scheduler: TestScheduler,
  expectations: Expectations,
  source: Observable<unknown>,
  { name, life, meaning, view = (actual) => actual, names }: Reading,
): ExpectedObservable<unknown> {
  const actual = record(scheduler, source, life);
  const complete = expectations.begin(name);
  const compare = (expected: readonly Expected[], own: Meanings = {}) =>
    explain({ expected, actual, view, meanings: meaningsOf(names, own) });
  const toBe = (diagram: string, values?: Values, error?: unknown) => {
    // Letters without a meaning are an error at once.
    meaning(diagram, values, []);
    complete(() => {
      const known = meaning(diagram, values, actual);
      const own = mapped(meaningsOf(values), (_, letter) => known[letter]);
      return compare(expectedOf(diagram, known, error), own);
    }, siteOf(toBe));
  };
  const toEqual = (other$: Observable<unknown>) => {
    const other = record(scheduler, other$, life);
    complete(() => compare(lettered(other, names)), siteOf(toEqual));
  };
  return { toBe, toEqual };
}

const expectedOf = (diagram: string, known: Meanings, error: unknown = 'error') =>
  parse(diagram).map((entry): Expected => {
    if (entry.kind === 'complete') return { ...entry, letter: '|' };
    if (entry.kind === 'error') return { ...entry, letter: '#', value: error };
    const letter = entry.value as string;
    return { ...entry, letter, value: readable(known[letter]) };
  });
