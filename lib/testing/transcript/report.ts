import type { Captures } from './frame-match.js';
import { describeArrival, type Arrival, type Comparison } from './arrival.js';
import { describeStep, type Step } from './step.js';

/** What is wrong: a sentence; more lines may follow. */
export type Report = readonly string[];

/** How long a line may be, in characters, and how many lines of a kind there may be. */
const [width, lines] = [160, 8];

export const shorten = (line: string): string =>
  line.length > width ? `${line.slice(0, width)}… (${line.length} characters)` : line;

/** @param awaited The next steps of the client. */
export const overdue = (ms: number, awaited: readonly Step[], captures: Captures): Report => [
  `nothing came within ${ms} ms. Still awaited:`,
  ...linesOf(awaited, captures),
];

/** The arrival is not of the kind that the step waits for. */
export function unexpected(arrival: Arrival, step: Step, captures: Captures): Report {
  const hint = arrival.what === 'connects' ? ' "connects()" waits for a further connection.' : '';
  return [
    `${shorten(describeArrival(arrival))}, which is unexpected here.${hint}`,
    `  expected ${shorten(describeStep(step, captures).replace(/^expects /, ''))}`,
  ];
}

export const unexpectedInGroup = (
  arrival: Arrival,
  awaited: readonly Step[],
  captures: Captures,
): Report => [
  `${shorten(describeArrival(arrival))}, which is none of what is awaited in any order:`,
  ...linesOf(awaited, captures),
];

/** The arrival is of the kind that the step waits for, and differs. */
export function differing({ does }: Step, { expected, received, differences }: Comparison): Report {
  const did = kinds[does] ?? 'made a call that is';
  return [
    `the client ${did} not what is expected.`,
    `  expected ${shorten(expected)}`,
    `  received ${shorten(received)}`,
    ...differences.slice(0, lines).flatMap((difference) => {
      // A frame is compared as the one item of a list.
      const path = difference.path.replace(/^\[0\]\.?/, '');
      const at = path === '' ? '' : `${path}: `;
      return [
        `  - ${at}${shorten(difference.expected)}`,
        `  + ${at}${shorten(difference.received)}`,
      ];
    }),
  ];
}

const kinds: Readonly<Partial<Record<Step['does'], string>>> = {
  connects: 'connected with',
  expects: 'sent a frame that is',
};

const linesOf = (steps: readonly Step[], captures: Captures): readonly string[] => [
  ...steps.slice(0, lines).map((step) => `  - ${shorten(describeStep(step, captures))}`),
  ...(steps.length > lines ? [`  - and ${steps.length - lines} more`] : []),
];
