import type { Envelope, Loose } from '../envelope/index.js';

/** What an event of `codex app-server` says. */
export function paramsOf({ payload }: Envelope): Loose | undefined {
  const { params } = Object(payload) as { readonly params?: Loose };
  return Object(params) === params ? params : undefined;
}

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
