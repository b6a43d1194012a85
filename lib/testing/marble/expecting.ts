import type { Observable } from 'rxjs';
import type { TestScheduler } from 'rxjs/testing';
import { siteOf, type Expectations } from './expectations.js';
import { explain, lettered, type Expected, type View } from './explain.js';
import type { ExpectedObservable } from './marble-helpers.js';
import { mapped, meaningsOf, type Meanings, type Values } from './letters.js';
import { parse, readable, record, type Entry } from './log.js';

/** How a diagram is read that tells what is expected. */
export interface Reading {
  /** How the expectation is called. */
  readonly name: string;
  /** From when to when its source is subscribed to. */
  readonly life?: string | undefined;
  /** What the letters of a diagram mean, also in view of what came. */
  readonly meaning: (
    diagram: string,
    values: Values | undefined,
    actual: readonly Entry[],
  ) => Meanings;
  /** How much of what comes is compared. Default: all of it. */
  readonly view?: View;
  /** What stands for values that were not expected. */
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
    // Tells at once of letters without a meaning.
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
