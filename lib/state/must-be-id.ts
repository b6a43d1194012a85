import { mustBe } from '../options/index.js';

/** @throws TypeError unless it is an id. */
export const mustBeId = (name: string, id: unknown): void => {
  mustBe(typeof id === 'string' && id !== '', name, 'the id of a thread or turn');
};
