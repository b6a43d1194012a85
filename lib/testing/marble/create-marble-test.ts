import { filter, isObservable, map, type Observable } from 'rxjs';
import { TestScheduler, type RunHelpers } from 'rxjs/testing';
import { isEvent } from './describe-value.js';
import { siteOf, type Expectations } from './expectations.js';
import { expecting, type Reading } from './expecting.js';
import { explainSubscriptions } from './explain-subscriptions.js';
import { asFailure, errorsOf, partly } from './failures.js';
import type { MarbleTest } from './marble-test.js';
import {
  lettersOf,
  mapped,
  meaningsOf,
  themselves,
  valuesOf,
  valuesOrLetters,
  type Meanings,
  type Values,
} from './letters.js';
import { playStream, type PlayedStream } from './stream.js';

/** The parts of a marble test. */
export interface Stage {
  readonly scheduler: TestScheduler;
  readonly expectations: Expectations;
  /** The streams to play. */
  readonly played: PlayedStream[];
  /** The meanings of letters in diagrams without values. */
  readonly meanings: Meanings;
}

/** The meanings of letters in diagrams of answers. */
const answers = {
  a: { decision: 'accept' },
  s: { decision: 'acceptForSession' },
  d: { decision: 'decline' },
  c: { decision: 'cancel' },
};

export function createMarbleTest(
  { scheduler, expectations, played, meanings }: Stage,
  { time, animate }: RunHelpers,
  flush: () => void,
): MarbleTest {
  /** Actual values are shown with the letters that they have in the sources of the test. */
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

  const expect = (source: Observable<unknown>, reading: Omit<Reading, 'names'>, names = given) =>
    expecting(scheduler, expectations, source, { ...reading, names });

  const from = (standard: Meanings) => (diagram: string, values: Values | undefined) =>
    valuesOf(lettersOf(diagram), diagram, values, standard);

  const test: MarbleTest = {
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
          return meaningsOf(themselves(diagram), isOfEvents ? meanings : {});
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
      const reading: Omit<Reading, 'names'> = {
        name: 'expectErrors',
        life,
        view: partly,
        meaning: (diagram, values) =>
          from(failures)(diagram, values && mapped(meaningsOf(values), asFailure)),
      };
      return expect(errorsOf(source), reading, {});
    },
    expectAnswers({ answers$ }, requestId) {
      const matches = (id: unknown) => requestId === undefined || String(id) === String(requestId);
      const matching$ = answers$.pipe(
        filter((sent) => matches(sent.requestId)),
        map(({ answer }) => answer),
      );
      return expect(matching$, { name: 'expectAnswers', meaning: from(answers) }, answers);
    },
  };
  return test;
}
