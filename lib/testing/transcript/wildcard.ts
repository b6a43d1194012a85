/**
 * Stands for many values in an expected frame. Those of jest, vitest and jasmine
 * (`expect.any(String)`) have the same shape: both kinds may be used here and in their `expect`.
 */
export interface Wildcard {
  asymmetricMatch(value: unknown): boolean;
  toString(): string;
}

/** Any value, as long as there is one. */
export const any: Wildcard = wildcard('any', (value) => value !== undefined);

/** Any string. */
export const anyString: Wildcard = wildcard('any string', (value) => typeof value === 'string');

/** Any number. */
export const anyNumber: Wildcard = wildcard('any number', (value) => typeof value === 'number');

/** Any string that matches. */
export const stringMatching = (pattern: RegExp): Wildcard =>
  // A RegExp with the flag g or y would remember where it was.
  wildcard(
    `string matching ${pattern}`,
    (value) => typeof value === 'string' && has(value, pattern),
  );

const has = (text: string, pattern: RegExp): boolean => text.search(pattern) !== -1;

function wildcard(text: string, asymmetricMatch: Wildcard['asymmetricMatch']): Wildcard {
  return { asymmetricMatch, toString: () => `<${text}>` };
}

/** Whether it is a wildcard of this kit or of a test framework. */
export const isWildcard = (value: unknown): value is Wildcard =>
  typeof (value as Partial<Wildcard> | null | undefined)?.asymmetricMatch === 'function';

const capturedKey = Symbol.for('codex-rx.captured');
const exactKey = Symbol.for('codex-rx.exactly');

/** A value that is the same wherever its name stands in a transcript. */
export interface Captured {
  readonly [capturedKey]: string;
  /** What the value must match where it comes first. */
  readonly like: unknown;
}

/** An expected value that has no other members than those that are named. */
export interface Exactly {
  readonly [exactKey]: unknown;
}

/**
 * A value with a name: where it is expected first it is kept, and from then on it stands for the
 * kept value, in expected and in emitted frames.
 *
 * @param like What it must match. Default: {@link any}.
 *
 * @example
 * const steps = [
 *   expects({ method: 'thread/start', id: captured('start') }),
 *   emits({ id: captured('start'), result: { thread: { id: 't' } } }),
 * ];
 */
export const captured = (name: string, like: unknown = any): Captured => ({
  [capturedKey]: name,
  like,
});

/** Expects a value exactly: its objects have no other members than those that are named. */
export const exactly = (value: unknown): Exactly => ({ [exactKey]: value });

/** The name of a captured value, or `undefined`. */
export const nameOf = (value: unknown): string | undefined =>
  (value as Partial<Captured> | null | undefined)?.[capturedKey];

export const isExactly = (value: unknown): value is Exactly =>
  typeof value === 'object' && value !== null && exactKey in value;

export const insideOf = (value: Exactly): unknown => value[exactKey];
