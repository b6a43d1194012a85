import type { Envelope } from '../../envelope/index.js';
import { show } from '../checks/show.js';

/** How much of a value is shown, in characters. */
const maxLength = 100;

/** A value in a few words: of an event its type and its ids. */
export const brief = (value: unknown): string => cut(named(value));

/** The same with its members; without those that are `null`. */
export function describeValue(value: unknown): string {
  if (!isEvent(value)) return brief(value);
  const { params = value.payload } = Object(value.payload) as { readonly params?: unknown };
  if (params === null) return brief(value);
  const said = isPlain(params) ? { ...params, threadId: null, turnId: null } : params;
  return cut(`${named(value)} ${show(withoutNull(said))}`);
}

function named(value: unknown): string {
  if (isEvent(value)) return nameOf(value);
  if (!isPlain(value)) return show(value);
  const members = Object.entries(value).map(([name, member]) => `${name}: ${named(member)}`);
  return members.length > 0 ? `{ ${members.join(', ')} }` : '{}';
}

function nameOf({ type, threadId, turnId, requestId }: Envelope): string {
  const request = requestId === null ? null : `request ${requestId}`;
  const of = [threadId, turnId, request].filter((id) => id !== null).join(', ');
  return `${type}${of && ` of ${of}`}`;
}

/** Whether a value looks like an event. */
export const isEvent = (value: unknown): value is Envelope =>
  isPlain(value) &&
  ['type', 'threadId', 'turnId', 'requestId', 'payload'].every((name) => name in value);

const isPlain = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' &&
  value !== null &&
  ([Object.prototype, null] as unknown[]).includes(Object.getPrototypeOf(value)) &&
  !show(value).includes('[circular]');

const withoutNull = (value: unknown): unknown =>
  isPlain(value)
    ? Object.fromEntries(
        Object.entries(value)
          .filter(([, member]) => member !== null)
          .map(([name, member]) => [name, withoutNull(member)]),
      )
    : value;

const cut = (text: string): string =>
  text.length > maxLength ? `${text.slice(0, maxLength - 1)}…` : text;
