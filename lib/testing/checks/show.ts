/** A value as text that differs where values differ: for comparing and for showing them. */
export function show(value: unknown, within: readonly object[] = []): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'function') return `[function ${value.name}]`;
  if (typeof value === 'bigint') return `${value}n`;
  if (Object.is(value, -0)) return '-0';
  if (typeof value !== 'object' || value === null) return String(value);
  if (within.includes(value)) return '[circular]';
  const inside = [...within, value];
  if (value instanceof Error) {
    const cause = value.cause === undefined ? '' : ` caused by ${show(value.cause, inside)}`;
    return `${value.name}(${value.message})${cause}`;
  }
  if (value instanceof Date) return `Date(${value.getTime()})`;
  // Their members are hidden, but their text shows what they are.
  if (value instanceof RegExp || value instanceof URL) return `${kindOf(value)}(${String(value)})`;
  if (Array.isArray(value)) return `[${value.map((item) => show(item, inside)).join(', ')}]`;
  if (value instanceof Set) return `Set ${show([...value], inside)}`;
  if (value instanceof Map) return `Map ${show([...value], inside)}`;
  const kind = kindOf(value);
  const members = Object.keys(value)
    .sort()
    .map((key) => `${key}: ${show((value as Record<string, unknown>)[key], inside)}`);
  return `${kind === 'Object' ? '' : `${kind} `}{ ${members.join(', ')} }`;
}

/** The name of a value's class; a value without a prototype counts as a plain object. */
function kindOf(value: object): string {
  const prototype = (Object.getPrototypeOf(value) ?? Object.prototype) as object;
  return prototype.constructor.name;
}
