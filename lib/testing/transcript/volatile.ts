import { anyNumber, captured, stringMatching } from './wildcard.js';

const uuid = '[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}';
const time = '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(?:\\.\\d+)?(?:Z|[+-]\\d\\d:\\d\\d)';
const isUuid = stringMatching(new RegExp(`^${uuid}$`));
const volatileText = new RegExp(`${uuid}|${time}`, 'g');

/** Members that hold a time as a number, and the least such number: seconds since the epoch. */
const [timeMember, leastTime] = [/(At|AtMs|[tT]ime|[tT]imestamp)$/, 1e9];

/** Tells generated values of a client, which differ from run to run, from those of the server. */
export interface Volatile {
  /** A value of the server: the client knows from it what it holds. */
  readonly known: (value: unknown) => void;
  /** A value of the client, with wildcards for the generated parts. */
  readonly expected: (value: unknown) => unknown;
  /** A value of the server, with the client's generated parts as captured values. */
  readonly emitted: (value: unknown) => unknown;
}

export function createVolatile(): Volatile {
  const fromServer = new Set<string>();
  const fromClient = new Set<string>();

  function expectedText(text: string): unknown {
    const found = (text.match(volatileText) ?? []).filter((part) => !fromServer.has(part));
    if (found.length === 0) return text;
    if (found[0] === text && isUuid.asymmetricMatch(text)) {
      fromClient.add(text);
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
    typeof value === 'string' && fromClient.has(value) ? captured(value) : inside(value, emitted);

  return {
    known(value) {
      for (const [found] of JSON.stringify([value]).matchAll(volatileText)) {
        if (!fromClient.has(found)) fromServer.add(found);
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
