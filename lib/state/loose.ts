import type { Loose } from '../envelope/index.js';

/** What a server wrote, if it is what it should be. */
export const stringOf = (value: unknown): string | null =>
  typeof value === 'string' ? value : null;

export const numberOf = (value: unknown): number | null =>
  typeof value === 'number' ? value : null;

/** Servers count some times in seconds. */
export const msOf = (seconds: unknown): number | null =>
  typeof seconds === 'number' ? seconds * 1_000 : null;

/** The objects of a list. */
export const listOf = (value: unknown): readonly Loose[] =>
  Array.isArray(value) ? (value as Loose[]).filter((entry) => Object(entry) === entry) : [];
