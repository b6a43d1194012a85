/** A value, or something that is called for it: a Signal, an `input()`, a `computed`, an arrow. */
export type MaybeSignal<T extends object | string | null | undefined> = T | (() => T);

/** Reads it. Only in `computed` and `effect`: an input is not set while its component is built. */
export const read = <T extends object | string | null | undefined>(value: MaybeSignal<T>): T =>
  typeof value === 'function' ? (value as () => T)() : value;
