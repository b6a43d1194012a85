import { has, mustBe } from '../options/index.js';
import { usualRules, type RedactionRule } from './redaction-rules.js';

/** Rules by their names, which the placeholders show; `false` switches one of the usual rules off. */
export type RedactionRules = Readonly<Record<string, RedactionRule | false>>;

/** How often a rule has cut something. */
export interface RedactionCount {
  readonly rule: string;
  readonly count: number;
}

/** A part of a text that is a secret. */
export interface Secret {
  readonly from: number;
  readonly to: number;
  readonly rule: string;
  readonly value: string;
}

/** Finds secrets, and knows what stands for each. */
export interface Secrets {
  /**
   * Where secrets are in a text: in their order, apart from each other.
   *
   * @param member The name of the member whose text it is.
   * @param isId Whether it is what a protocol is made of: then the usual rules alone count.
   */
  find(text: string, member?: string, isId?: boolean): readonly Secret[];
  /** What stands for a secret: the same for the same. Counts it. */
  placeholder(secret: Secret): string;
  /** A text without its secrets. */
  cut(text: string, member?: string, isId?: boolean): string;
  readonly counts: () => readonly RedactionCount[];
}

interface Rule {
  readonly name: string;
  readonly pattern: RegExp | undefined;
  readonly members: RegExp | undefined;
  readonly isUsual: boolean;
}

/** How many values have a number of their own, and how many are looked for wherever they are. */
const maxNumbered = 10_000;
const maxKnown = 100;
const maxRemembered = 10_000;

export function createSecrets(own: RedactionRules): Secrets {
  const usual = usualRules();
  const rules = Object.entries({ ...usual, ...own }).flatMap(([name, rule]) =>
    rule === false ? [] : [checked(name, rule, rule === usual[name])],
  );
  /** Those that know a secret by what stands before it. */
  const contextual = new Set(
    rules
      .filter(({ pattern, members }) => members ?? pattern?.source.includes('(?<secret>'))
      .map(({ name }) => name),
  );
  const placeholders = new Map<string, string>();
  const numbers = new Map<string, number>();
  const counts = new Map<string, number>();
  /** What was a secret by what stood before it: it is one without that, too. */
  const known = new Map<string, string>();
  /** Names and ids without a secret: most strings of a recording, and the same again and again. */
  const clean = new Map<string, string>();
  const members = new Map<string, string | null>();

  function find(text: string, member?: string, isId = false): readonly Secret[] {
    if (isId && clean.has(text)) return [];
    const found: Secret[] = [];
    const add = (rule: string, from: number, value: string): void => {
      if (value !== '') found.push({ from, to: from + value.length, rule, value });
    };
    const whole = isId || member === undefined ? null : ruleFor(member);
    if (whole !== null && /^[^<$]/.test(text)) {
      add(whole, 0, text);
      return found;
    }
    const isWord = text.length < 15 && /^[\w.-]*$/.test(text);
    for (const { name, pattern, isUsual } of rules) {
      // What the usual rules find has other characters, or more of them.
      if (pattern === undefined || (isUsual ? isWord : isId)) continue;
      findPattern(text, pattern, (from, value) => add(name, from, value));
    }
    if (!isId) {
      for (const [value, rule] of known) {
        for (let at = text.indexOf(value); at >= 0; at = text.indexOf(value, at + value.length)) {
          add(rule, at, value);
        }
      }
    }
    if (isId && found.length === 0) remember(clean, text, text);
    return found.length < 2 ? found : apart(text, found);
  }

  /** The rule by which a member is a secret as a whole. */
  function ruleFor(member: string): string | null {
    const before = members.get(member);
    if (before !== undefined) return before;
    const rule = rules.find(({ members }) => members?.test(member))?.name ?? null;
    remember(members, member, rule);
    return rule;
  }

  /** Whether there is something new to look for. */
  function learn({ rule, value }: Secret): boolean {
    const before = known.size;
    if (!contextual.has(rule)) return false;
    for (const word of value.split(/\s+/)) {
      const isTelling = word.length >= 8 && /\d/.test(word) && /[A-Za-z]/.test(word);
      if (isTelling && known.size < maxKnown) known.set(word, rule);
    }
    return known.size > before;
  }

  function placeholder(secret: Secret): string {
    const { rule, value } = secret;
    counts.set(rule, (counts.get(rule) ?? 0) + 1);
    const before = placeholders.get(value);
    if (before !== undefined) return before;
    if (placeholders.size >= maxNumbered) return `<${rule}>`;
    const number = (numbers.get(rule) ?? 0) + 1;
    numbers.set(rule, number);
    const made = `<${rule} ${number}>`;
    placeholders.set(value, made);
    learn(secret);
    return made;
  }

  return {
    find,
    placeholder,
    cut(text, member, isId) {
      let rest = '';
      let from = 0;
      let found = find(text, member, isId);
      if (found.filter(learn).length > 0) found = find(text, member, isId);
      for (const secret of found) {
        rest += text.slice(from, secret.from) + placeholder(secret);
        from = secret.to;
      }
      return from === 0 ? text : rest + text.slice(from);
    },
    counts: () => [...counts].map(([rule, count]) => ({ rule, count })),
  };
}

function checked(name: string, rule: RedactionRule, isUsual: boolean): Rule {
  const isPattern = (value: unknown) => has(value, 'exec');
  const { text, member } = isPattern(rule)
    ? { text: rule as RegExp, member: undefined }
    : (Object(rule) as Exclude<RedactionRule, RegExp>);
  const isRule = [text, member].every((pattern) => pattern === undefined || isPattern(pattern));
  mustBe(
    isRule && (text ?? member) !== undefined,
    `redact.${name}`,
    'a RegExp, "text" or "member", or false',
  );
  const stateless = (pattern: RegExp, flag = '') =>
    new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, '') + flag);
  return {
    name,
    pattern: text && stateless(text, 'g'),
    members: member && stateless(member),
    isUsual,
  };
}

function remember<Value>(map: Map<string, Value>, key: string, value: Value): void {
  if (map.size >= maxRemembered) map.clear();
  map.set(key, value);
}

/** Tells each match of a pattern: where its secret is, without quotes around it. */
function findPattern(
  text: string,
  pattern: RegExp,
  tell: (from: number, secret: string) => void,
): void {
  pattern.lastIndex = 0;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const [all] = match;
    const whole = match.groups?.['secret'] ?? all;
    const secret = whole === all ? all : whole.replace(/^\\*["'`]/, '');
    tell(match.index + all.lastIndexOf(secret), secret);
    // A pattern that matches nothing at all would do so for ever.
    if (all === '') pattern.lastIndex++;
  }
}

/** Makes one of those that overlap: the first has it. */
function apart(text: string, found: readonly Secret[]): readonly Secret[] {
  const sorted = [...found].sort((a, b) => a.from - b.from);
  const merged: Secret[] = [];
  for (const secret of sorted) {
    const last = merged.at(-1);
    if (last === undefined || secret.from >= last.to) merged.push(secret);
    else if (secret.to > last.to) {
      const { from, rule } = last;
      merged[merged.length - 1] = { from, to: secret.to, rule, value: text.slice(from, secret.to) };
    }
  }
  return merged;
}
