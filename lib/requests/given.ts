import type { AnswerError } from './answer-error.js';

/** An answer, and who has decided on it. */
export interface Given {
  readonly answer: object;
  readonly by: string;
  readonly why: string | null;
  /** Called if the answer does not count. */
  readonly failed: (error: AnswerError) => void;
}

/** An answer as JSON says it, with that JSON: what is checked is what is sent. Or what is wrong. */
export function writtenAs(answer: unknown): readonly [answer: object, json: string] | string {
  try {
    const json = JSON.stringify(answer, (name, value: unknown) => {
      if (typeof value !== 'number' || Number.isFinite(value)) return value;
      throw new TypeError(`${name} must be a number`);
    }) as string | undefined;
    return json === undefined ? 'answer must be an object' : [JSON.parse(json) as object, json];
  } catch (error) {
    return `answer cannot be written as JSON: ${String(error)}`;
  }
}
