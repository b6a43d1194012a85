import type { ItemType } from './items.js';

/**
 * A part of a value: members may be left out at any depth, and have their defaults then. Given
 * whole are lists, what is one of several kinds (it has a `type`), and what needs no member at all,
 * such as the arguments of a tool. Of an item only the `type` is needed, and the `mode` of what an
 * MCP server asks.
 */
export type Part<T> = T extends Whole
  ? T
  : T extends { readonly type: ItemType; readonly id: string }
    ? Given<T, 'type'>
    : T extends { readonly type: unknown }
      ? T
      : T extends { readonly mode: unknown }
        ? Given<T, 'mode'>
        : object extends T
          ? T
          : { readonly [Member in keyof T]?: Part<T[Member]> };

type Whole = string | number | boolean | null | undefined | readonly unknown[];

type Given<T, Kind extends keyof T> = Pick<T, Kind> & {
  readonly [Member in Exclude<keyof T, Kind>]?: Part<T[Member]>;
};

/** The values of a whole, with those of a part in their place. */
export function fill<T>(whole: T, part: Part<T> | undefined): T;
export function fill(whole: unknown, part: unknown): unknown {
  if (part === undefined) return whole;
  if (!isObject(whole) || !isObject(part) || whole['type'] !== part['type']) return part;
  const filled = Object.entries(part).map(([name, value]) => [
    name,
    free.includes(name) ? value : fill(whole[name], value),
  ]);
  return { ...whole, ...(Object.fromEntries(filled) as object) };
}

/** Members of the defaults that need no member: two of them do not make one. */
const free: readonly string[] = ['arguments', 'fileChanges', 'permissions', 'rateLimits'];

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
