import { shorten } from './report.js';
import { describeStep, type Step } from './step.js';

/**
 * Why a transcript was not played to its end:
 * - `different`: the client did what the step waits for, with other contents;
 * - `unexpected`: the client did something else;
 * - `overdue`: the client did nothing in time;
 * - `unplayable`: a step of the server could not be played;
 * - `closed`: the transcript was closed.
 */
export type TranscriptFault = 'different' | 'unexpected' | 'overdue' | 'unplayable' | 'closed';

/** What a client did differently from a transcript. Its message shows where, and both sides. */
export class TranscriptError extends Error {
  override readonly name = 'TranscriptError';

  constructor(
    readonly kind: TranscriptFault,
    /** The number of the step, from 1; 0: the first connection, which needs no step. */
    readonly step: number,
    message: string,
  ) {
    super(message);
  }
}

/** How many steps are shown before and after the one that failed. */
const [before, after] = [4, 2];

/**
 * @param kind What went wrong.
 * @param at The index of the step that failed.
 * @param what What is wrong, in a sentence; more lines may follow.
 * @param offset What to add to an index for the number of its step.
 */
export function transcriptError(
  kind: TranscriptFault,
  steps: readonly Step[],
  at: number,
  what: readonly string[],
  offset: number,
): TranscriptError {
  const number = at + offset;
  const last = steps.length - 1 + offset;
  const digits = String(last).length;
  const shown = steps
    .map((step, i) => {
      const sign = i < at ? '✓' : i === at ? '✗' : ' ';
      return `  ${sign} ${String(i + offset).padStart(digits)} ${shorten(describeStep(step))}`;
    })
    .slice(Math.max(0, at - before), at + after + 1);
  const [sentence = '', ...more] = what;
  const lines = [`Step ${number} of ${last}: ${sentence}`, ...more, '', ...shown];
  return new TranscriptError(kind, number, lines.join('\n'));
}
