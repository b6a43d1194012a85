import { excerptOf } from '../envelope/envelope-error.js';
import { visibleLine } from '../text/index.js';

/**
 * What is wrong with a recording:
 * - `not-json`: a line is not JSON;
 * - `no-header`: the first line is no header of a recording;
 * - `wrong-version`: it has a format that this version does not read;
 * - `bad-entry`: a line has not what an entry needs.
 */
export type RecordingFault = 'not-json' | 'no-header' | 'wrong-version' | 'bad-entry';

/** A recording that is damaged, or a file that is not a recording. */
export class RecordingError extends Error {
  override readonly name = 'RecordingError';

  readonly kind: RecordingFault;

  /** The number of the line; the header is line 1. */
  readonly line: number;

  constructor(kind: RecordingFault, line: number, what: string, options?: ErrorOptions) {
    super(visibleLine(`Line ${line} of the recording ${what}`), options);
    this.kind = kind;
    this.line = line;
  }
}

/** How a line begins, enough to find it. */
export const beginning = (line: unknown): string =>
  `It begins: ${excerptOf(line).slice(0, 80) || '(nothing)'}`;
