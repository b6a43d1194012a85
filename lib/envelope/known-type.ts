/** A type, and what follows from it. */
export interface KnownType {
  /** One string for all events of the type: what looks it up in a Map has its hash at once. */
  readonly type: string;
  /** Whether an event of it may name a request. Most are notifications that concern none. */
  readonly mayNameRequest: boolean;
}

const size = 512;

/** Longer types are not kept: they come from the network. */
const longest = 200;

/** Of the types that came last, one at each place. */
const table = /* @__PURE__ */ Array.from<KnownType | undefined>({ length: size });

export function knownType(type: string): KnownType {
  const { length } = type;
  const place =
    (length * 31 +
      type.charCodeAt(length - 1) * 7 +
      type.charCodeAt(length - 4) * 3 +
      type.charCodeAt(length >> 1)) &
    (size - 1);
  const known = table[place];
  if (known?.type === type) return known;
  const entry = { type, mayNameRequest: mayNameRequest(type) };
  if (length <= longest) table[place] = entry;
  return entry;
}

const mayNameRequest = (type: string): boolean =>
  !type.startsWith('app_server.') || type.includes('request');
