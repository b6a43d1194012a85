import { filter, isObservable, map, type Observable } from 'rxjs';
import { TestScheduler, type RunHelpers } from 'rxjs/testing';
import { accept, cancel, decline } from '../../requests/index.js';
import { HandlerError } from '../../router/index.js';
import { siteOf, type Expectations } from './expectations.js';
import { explain, lettered, type Expected, type View } from './explain.js';
import { explainSubscriptions } from './explain-subscriptions.js';
import { isEvent } from './describe-value.js';
import { parse, readable, record, type Entry } from './log.js';
import type { ErrorSource, MarbleHelpers } from './helpers.js';
import { playStream, type PlayedStream } from './stream.js';
import {
  lettersOf,
  meaningsOf,
  valuesOf,
  valuesOrLetters,
  type Meanings,
  type Values,
} from './letters.js';

/** What a test is made of. */
export interface Stage {
  readonly scheduler: TestScheduler;
  readonly expectations: Expectations;
  /** The streams that are to be played. */
  readonly played: PlayedStream[];
  /** What letters mean, unless a diagram is given values of its own. */
  readonly meanings: Meanings;
}

/** What the letters of answers mean. */
const answers = { a: accept(), s: accept('session'), d: decline(), c: cancel() };

/** How an expectation is read. */
interface Reading {
  readonly name: string;
  /** From when to when its source is subscribed to. */
  readonly life?: string | undefined;
  readonly view?: View;
  /** What its letters mean, also in view of what came. */
  readonly meaning: (
    diagram: string,
    values: Values | undefined,
    actual: readonly Entry[],
  ) => Meanings;
  /** What letters stand for that were not expected. */
  readonly names?: Meanings;
}

export function createHelpers(
  { scheduler, expectations, played, meanings }: Stage,
  { time, animate }: RunHelpers,
  flush: () => void,
): MarbleHelpers {
  /** What comes is shown with the letters that the test has given it in its sources. */
  const given: Record<string, unknown> = { ...meanings };

  function sourceOf(
    create: 'createHotObservable' | 'createColdObservable',
    diagram: string,
    values?: Values,
    error?: unknown,
  ) {
    Object.assign(given, values);
    return scheduler[create](diagram, valuesOrLetters(diagram, values, meanings), error) as never;
  }

  function expect(source: Observable<unknown>, reading: Reading) {
    const { name, life, view = whole, meaning, names = given } = reading;
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

  const from = (standard: Meanings) => (diagram: string, values: Values | undefined) =>
    valuesOf(lettersOf(diagram), diagram, values, standard);

  const helpers: MarbleHelpers = {
    time,
    animate,
    flush,
    hot: (diagram: string, values?: Values, error?: unknown) =>
      sourceOf('createHotObservable', diagram, values, error),
    cold: (diagram: string, values?: Values, error?: unknown) =>
      sourceOf('createColdObservable', diagram, values, error),
    stream(diagram, values, options = {}) {
      Object.assign(given, values);
      const one = playStream(diagram, values, options, meanings);
      played.push(one);
      return one.stream;
    },
    expectObservable: (source, life) =>
      expect(source, {
        name: 'expectObservable',
        life,
        meaning(diagram, values, actual) {
          if (values) return from(meanings)(diagram, values);
          const isOfEvents = actual.some(({ value }) => isEvent(value));
          return meaningsOf(own(diagram), isOfEvents ? meanings : {});
        },
      }),
    expectSubscriptions(subscriptions) {
      const complete = expectations.begin('expectSubscriptions');
      const toBe = (diagrams: string | readonly string[]) => {
        const expected = [diagrams]
          .flat()
          .map((diagram) => TestScheduler.parseMarblesAsSubscriptions(diagram, true))
          .filter(({ subscribedFrame }) => subscribedFrame !== Infinity);
        complete(() => explainSubscriptions(expected, subscriptions), siteOf(toBe));
      };
      return { toBe };
    },
    expectEnvelopes: (source, life) =>
      expect(isObservable(source) ? source : source.events$, {
        name: 'expectEnvelopes',
        life,
        meaning: from(meanings),
      }),
    expectErrors(source, life) {
      const failures = mapped(meanings, (envelope) => ({ envelope }));
      return expect(errorsOf(source), {
        name: 'expectErrors',
        life,
        view: partly,
        meaning: (diagram, values) =>
          from(failures)(diagram, values && mapped(meaningsOf(values), asFailure)),
        names: {},
      });
    },
    expectAnswers({ answers$ }, requestId) {
      const isMeant = (id: unknown) => requestId === undefined || String(id) === String(requestId);
      const meant$ = answers$.pipe(
        filter((sent) => isMeant(sent.requestId)),
        map(({ answer }) => answer),
      );
      return expect(meant$, { name: 'expectAnswers', meaning: from(answers), names: answers });
    },
  };
  return helpers;
}

/** Letters that are themselves. */
const own = (diagram: string): Meanings =>
  Object.fromEntries(lettersOf(diagram).map((letter) => [letter, letter]));

const mapped = (
  meanings: Meanings,
  change: (value: unknown, letter: string) => unknown,
): Meanings =>
  Object.fromEntries(
    Object.entries(meanings).map(([letter, value]) => [letter, change(value, letter)]),
  );

/** An Error has no member that could be compared: it is meant as the cause. */
const asFailure = (expected: unknown): unknown =>
  expected instanceof Error && !(expected instanceof HandlerError) ? { cause: expected } : expected;

const expectedOf = (diagram: string, known: Meanings, error: unknown = 'error') =>
  parse(diagram).map((entry): Expected => {
    if (entry.kind === 'complete') return { ...entry, letter: '|' };
    if (entry.kind === 'error') return { ...entry, letter: '#', value: error };
    const letter = entry.value as string;
    return { ...entry, letter, value: readable(known[letter]) };
  });

const whole: View = (actual) => actual;

/** Only the members that are expected. */
const partly: View = (actual, expected) =>
  Object.fromEntries(
    Object.keys(Object(expected) as object).map((name) => [
      name,
      (actual as Meanings | undefined)?.[name],
    ]),
  );

const errorsOf = (source: ErrorSource): Observable<HandlerError> => {
  if (isObservable(source)) return source;
  return 'errors$' in source ? source.errors$ : source.router.errors$;
};
