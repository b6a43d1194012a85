/**
 * Where no rules of secretlint can be loaded, as in browsers: the usual rules are all there are.
 */
export const findMore: (
  text: string,
) => readonly (readonly [from: number, to: number])[] = () => [];
