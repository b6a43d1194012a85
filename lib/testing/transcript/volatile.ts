import { anyNumber, captured, stringMatching } from './wildcard.js';

const uuid = '[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}';
const time = '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(?:\\.\\d+)?(?:Z|[+-]\\d\\d:\\d\\d)';
const isUuid = stringMatching(new RegExp(`^${uuid}$`));
const volatileText = new RegExp(`${uuid}|${time}`, 'g');

/** Members that hold a time as a number, and the least that is one: seconds since the epoch. */
const [timeMember, leastTime] = [/(At|AtMs|[tT]ime|[tT]imestamp)$/, 1e9];

/** What differs from run to run in what a client sends. */
export interface Volatile {
  /** The server has said this: the client has from there what is in it. */
  readonly known: (value: unknown) => void;
  /** What a client sent, with wildcards for what it made up. */
  readonly expected: (value: unknown) => unknown;
  /** What the server said, with what the client made up as the client has it now. */
  readonly emitted: (value: unknown) => unknown;
}

/** Tells the uuids and times that a client has from the server from those that it made up. */
export function createVolatile(): Volatile {
  const fromServer = new Set<string>();
  const madeUp = new Set<string>();

  function expectedText(text: string): unknown {
    const found = (text.match(volatileText) ?? []).filter((part) => !fromServer.has(part));
    if (found.length === 0) return text;
    if (found[0] === text && isUuid.asymmetricMatch(text)) {
      madeUp.add(text);
      return captured(text, isUuid);
    }
    const parts = text
      .split(volatileText)
      .map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
    const between = (text.match(volatileText) ?? []).map((part) =>
      fromServer.has(part) ? part : `(${uuid}|${time})`,
    );
    const pattern = parts.map((part, i) => part + (between[i] ?? '')).join('');
    return stringMatching(new RegExp(`^${pattern}$`));
  }

  const expected = (value: unknown, member = ''): unknown => {
    if (typeof value === 'string') return expectedText(value);
    if (typeof value === 'number') {
      return timeMember.test(member) && value >= leastTime ? anyNumber : value;
    }
    return inside(value, expected);
  };

  const emitted = (value: unknown): unknown =>
    typeof value === 'string' && madeUp.has(value) ? captured(value) : inside(value, emitted);

  return {
    known(value) {
      for (const [found] of JSON.stringify([value]).matchAll(volatileText)) {
        if (!madeUp.has(found)) fromServer.add(found);
      }
    },
    expected: (value) => expected(value),
    emitted,
  };
}

/** The same for each member of a value. */
function inside(value: unknown, each: (member: unknown, name?: string) => unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => each(item));
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, each(member, name)]),
  );
}
