import { findMore as findNone } from '../recording/no-secretlint.js';

type FindMore = typeof findNone;

/**
 * The rules of secretlint in CommonJS. They are an ES module, which Node can `require`, and Jest
 * only from Node 24.9: there the usual rules are all there are.
 */
export const findMore: FindMore = load();

function load(): FindMore {
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    return (require('./secretlint.js') as { readonly findMore: FindMore }).findMore;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') throw error;
    return findNone;
  }
}
