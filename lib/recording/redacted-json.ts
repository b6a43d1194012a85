import { base64Text, toBase64 } from './encoded.js';
import { leavesOf, type JsonGroup, type JsonLeaf } from './json-leaves.js';
import { wordBreak } from './redaction-rules.js';
import { isBare, secrecyOf } from './secret-names.js';
import { isDrawn, isMixed } from './secret-values.js';
import type { Secret, Secrets } from './secrets.js';

/** Members that say what a line is and belongs to. */
export const isId = (name: string): boolean =>
  /^(?:id|method|dir|sock|protocol|recording|startedAt|\w*(?:Id|_id|[tT]ype))$/.test(name);

/** Members of Codex that are in base64. */
const encoded: ReadonlySet<string> = /* @__PURE__ */ new Set([
  'deltaBase64',
  'dataBase64',
  'chunk',
]);

/** Members that name what stands in another, and those that it may stand in. */
const nameMember = /^(?:name|key|header|field|variable|label|param(?:eter)?|option)$/i;
const valueMember =
  /^(?:value|val|data|raw|plain|plaintext|text|content|string|current|old|new|access|refresh|key|default)$/i;

/** JSON in JSON is looked into that many times. */
const maxDepth = 4;

/** What stands for the string of a leaf. */
export type WriteLeaf = (leaf: JsonLeaf, rest: string) => string;

export interface JsonEdit {
  readonly start: number;
  readonly end: number;
  readonly literal: string;
}

/**
 * What base64 in a member of Codex means; `null` elsewhere, and where that text is a key itself.
 */
export const decodedLeaf = ({ name, value }: JsonLeaf, secrets: Secrets): string | null =>
  encoded.has(name) && secrets.find(value, undefined, true).length === 0 ? base64Text(value) : null;

/** Makes the changes to a text that came in its order. */
export function applyEdits(text: string, edits: readonly JsonEdit[]): string {
  let rest = '';
  let from = 0;
  for (const { start, end, literal } of edits) {
    rest += text.slice(from, start) + literal;
    from = end;
  }
  return rest + text.slice(from);
}

/** Where the leaves of a JSON text have secrets, and what to write there. */
export function editsOf(
  leaves: readonly JsonLeaf[],
  secrets: Secrets,
  isAnswer: (leaf: JsonLeaf) => boolean = () => false,
  depth = 0,
): readonly JsonEdit[] {
  const joined = new Map<JsonGroup, ReadonlyMap<JsonLeaf, readonly Secret[]>>();
  return leaves.flatMap((leaf) => {
    const { kind, value, name, start, end, group } = leaf;
    const member = isAnswer(leaf) ? 'password' : (memberOf(leaf) ?? name);
    if (kind === 'number') {
      const digits = value.replace(/\D/g, '').length;
      const secrecy = member === '' ? null : secrecyOf(member);
      const least = secrecy === 'password' ? 4 : isBare(member) ? 8 : 6;
      if (secrecy === null || secrecy === 'hint' || digits < least) return [];
      secrets.placeholder({ from: 0, to: value.length, rule: 'secret', value });
      return [{ start, end, literal: '0' }];
    }
    const isOfId = kind === 'name' ? /^\w+$/.test(value) : isId(name) && !isSession(leaf);
    const base64 = kind === 'name' ? null : decodedLeaf(leaf, secrets);
    const plain = base64 ?? value;
    let rest = innerJson(plain, secrets, depth);
    if (!joined.has(group)) joined.set(group, secretsOfWords(group, secrets));
    const more = joined.get(group)?.get(leaf) ?? [];
    rest = secrets.cut(
      rest,
      kind === 'name' ? undefined : member,
      isOfId,
      rest === plain ? more : [],
    );
    if (rest === plain) return [];
    const literal = JSON.stringify(base64 === null ? rest : toBase64(rest));
    return [{ start, end, literal }];
  });
}

/** A text that is JSON itself, without the secrets that its structure shows. */
function innerJson(text: string, secrets: Secrets, depth: number): string {
  if (depth >= maxDepth || !/^\s*[[{][^]*[\]}]\s*$/.test(text)) return text;
  try {
    JSON.parse(text);
  } catch {
    return text;
  }
  return applyEdits(text, editsOf(leavesOf(text), secrets, undefined, depth + 1));
}

/** A session that is no id of Codex, which are UUIDs. */
const isSession = ({ name, value }: JsonLeaf): boolean =>
  /sess(?:ion)?_?id$/i.test(name) && isDrawn(value);

/** The name that makes a secret of a leaf, if it is not its own. */
function memberOf({ kind, name, value, group }: JsonLeaf): string | undefined {
  if (kind === 'name') return undefined;
  const { leaves, isArray, parent } = group;
  if (isArray) {
    const before = leaves[leaves.findIndex((leaf) => leaf.value === value) - 1]?.value ?? '';
    const secrecy = secrecyOf(before);
    if (before.startsWith('--'))
      return secrecy === null || value.startsWith('-') ? undefined : before;
    const isPair = parent?.isArray === true && leaves.length === 2;
    if (secrecy !== null && (isPair || isMixed(value))) return before;
  } else if (valueMember.test(name)) {
    const sibling = leaves.find((leaf) => leaf.kind === 'string' && nameMember.test(leaf.name));
    if (sibling !== undefined && sibling.name !== name && secrecyOf(sibling.value) !== null) {
      return sibling.value;
    }
  }
  if (secrecyOf(name) !== null && !isArray) return undefined;
  for (let each: JsonGroup | null = group; each !== null; each = each.parent) {
    const singular = each.name.replace(/s$/, '');
    const secrecy = each.name === '' ? null : secrecyOf(singular);
    if (secrecy === null || secrecy === 'hint') continue;
    return isMixed(value) || (valueMember.test(name) && !/^(?:string|text)$/.test(value))
      ? singular
      : undefined;
  }
  return undefined;
}

/**
 * Secrets that the strings of an array show together: a command and its words, a text and its
 * lines.
 */
function secretsOfWords(
  { isArray, leaves }: JsonGroup,
  secrets: Secrets,
): ReadonlyMap<JsonLeaf, readonly Secret[]> {
  const found = new Map<JsonLeaf, Secret[]>();
  if (!isArray || leaves.length < 2) return found;
  const words = leaves.map(({ value }) => value.replace(/\s/g, '\u00b7'));
  const all = secrets.find(words.join(wordBreak));
  let start = 0;
  for (const leaf of leaves) {
    const end = start + leaf.value.length;
    for (const { from, to, rule } of all) {
      if (from >= end || to <= start) continue;
      const range = { from: Math.max(from, start) - start, to: Math.min(to, end) - start };
      const part = { ...range, rule, value: leaf.value.slice(range.from, range.to) };
      found.set(leaf, [...(found.get(leaf) ?? []), part]);
    }
    start = end + wordBreak.length;
  }
  return found;
}
