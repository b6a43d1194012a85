/** What was in a recording, and what came in its place. */
export interface Pair<T = unknown> {
  readonly recorded: T;
  readonly heard: T;
}

type Members = Readonly<Record<string, unknown>>;

/**
 * What was heard, with what a recording cannot tell as it was recorded: the members of these names,
 * and texts that the recording has replaced by their length.
 */
export function tellable(
  { recorded, heard }: Pair,
  untold: ReadonlySet<string>,
  name = '',
): unknown {
  if (untold.has(name) && recorded !== undefined) return recorded;
  if (typeof recorded === 'string' && typeof heard === 'string') {
    return /^\[\d+ characters\]$/.test(recorded) ? recorded : heard;
  }
  if (!isObject(recorded) || !isObject(heard)) return heard;
  const member = (key: string | number, value: unknown) =>
    tellable({ recorded: (recorded as Members)[key], heard: value }, untold, String(key));
  if (Array.isArray(heard)) return heard.map((item, index) => member(index, item));
  return Object.fromEntries(Object.entries(heard).map(([key, value]) => [key, member(key, value)]));
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
