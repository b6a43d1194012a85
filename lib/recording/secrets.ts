import { createBoundedMap } from '../bounded/index.js';
import { base64Text, isReadable, withoutEscapes } from './encoded.js';
import { mustBeKnown } from '../options/index.js';
import { findPattern, toRule } from './compiled-rule.js';
import { usualRules, type Detector, type RedactionRule } from './redaction-rules.js';
import { isMixed } from './secret-values.js';
import { findMore } from '#secret-rules';

/**
 * Rules by their names, which the placeholders show; `false` switches one of the usual rules off.
 */
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
  /** A text without its secrets, and without those that were found in another way. */
  cut(text: string, member?: string, isId?: boolean, more?: readonly Secret[]): string;
  readonly counts: () => readonly RedactionCount[];
}

/** How many values have their own number, and how many are looked for wherever they are. */
const maxNumbered = 10_000;
const maxKnown = 100;
const maxRemembered = 10_000;

/** What is not a secret where a protocol needs it: names say what ids are, and ids are drawn. */
const byForm: ReadonlySet<string> = /* @__PURE__ */ new Set(['random', 'secretlint']);

/** A word that may be a text in base64. */
const base64Word = /(?<![\w+/=-])[\w+/-]{20,}={0,2}(?![\w+/=-])/g;

export function createSecrets(own: RedactionRules): Secrets {
  const usual: Readonly<Record<string, RedactionRule | Detector>> = usualRules();
  for (const [name, rule] of Object.entries(own)) {
    if (rule === false) mustBeKnown('', { [name]: rule }, [...Object.keys(usual), 'secretlint']);
  }
  const rules = Object.entries({ ...usual, ...own }).flatMap(([name, rule]) =>
    rule === false || name === 'secretlint' ? [] : [toRule(name, rule, rule === usual[name])],
  );
  const hasMore = own['secretlint'] !== false;
  /** Those that know a secret by what stands before it. */
  const contextual = new Set(
    rules
      .filter(
        ({ patterns, isMember }) =>
          isMember ?? patterns.some(({ source }) => source.includes('(?<secret>')),
      )
      .map(({ name }) => name),
  );
  const placeholders = new Map<string, string>();
  const numbers = new Map<string, number>();
  const counts = new Map<string, number>();
  /** What was a secret by what stood before it: it is one without that, too. */
  const known = new Map<string, string>();
  /** Names and ids without a secret: most strings of a recording, and the same again and again. */
  const clean = createBoundedMap<string, true>(maxRemembered);

  function find(text: string, member?: string, isId = false): readonly Secret[] {
    if (isId && clean.has(text)) return [];
    const whole =
      isId || member === undefined || !/^[^<$]|^\$\w{1,12}\$/.test(text)
        ? undefined
        : rules.find(({ isMember }) => isMember?.(member, text));
    if (whole !== undefined) return [{ from: 0, to: text.length, rule: whole.name, value: text }];
    const found = findInText(text, isId);
    if (!isId) {
      for (const [value, rule] of known) {
        for (let at = text.indexOf(value); at >= 0; at = text.indexOf(value, at + value.length)) {
          found.push({ from: at, to: at + value.length, rule, value });
        }
      }
      found.push(...findEncoded(text));
    }
    if (isId && found.length === 0) clean.set(text, true);
    return apart(text, found);
  }

  function findInText(text: string, isId: boolean): Secret[] {
    const found: Secret[] = [];
    // What the usual rules find has other characters, or more of them.
    const isWord = text.length < 15 && /^[\w.-]*$/.test(text);
    for (const rule of rules) {
      if (rule.isUsual ? isWord || (isId && byForm.has(rule.name)) : isId) continue;
      if (rule.hint?.test(text) === false) continue;
      for (const pattern of rule.patterns) {
        findPattern(text, pattern, rule.accepts, (from, value) => {
          found.push({ from, to: from + value.length, rule: rule.name, value });
        });
      }
    }
    if (!hasMore || isId || !/\S{20}/.test(text)) return found;
    for (const [from, to] of findMore(text)) {
      const value = text.slice(from, to);
      const isFound = found.some((each) => each.from < to && each.to > from);
      // A url as a whole says too much: the usual rules know which part of it is a secret.
      if (!isFound || !value.includes('://')) found.push({ from, to, rule: 'secretlint', value });
    }
    return found;
  }

  /** Secrets in what escapes and base64 mean. */
  function findEncoded(text: string): Secret[] {
    const found: Secret[] = [];
    const add = (from: number, to: number, rule: string): void => {
      found.push({ from, to, rule, value: text.slice(from, to) });
    };
    const decoded = withoutEscapes(text);
    if (decoded !== null) {
      for (const { from, to, rule } of findInText(decoded.text, false)) {
        add(decoded.origin(from), decoded.origin(to), rule);
      }
    }
    for (const { 0: word, index } of text.matchAll(base64Word)) {
      const plain = base64Text(word);
      const [first] = isReadable(plain) ? findInText(plain, false) : [];
      if (first !== undefined) add(index, index + word.length, first.rule);
    }
    return found;
  }

  /** Whether there is something new to look for. */
  function learn({ rule, value }: Secret): boolean {
    const before = known.size;
    if (!contextual.has(rule)) return false;
    for (const word of value.split(/\s+/)) {
      if (isMixed(word) && known.size < maxKnown) known.set(word, rule);
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
    const numbered = `<${rule} ${number}>`;
    placeholders.set(value, numbered);
    learn(secret);
    return numbered;
  }

  return {
    find,
    placeholder,
    cut(text, member, isId, more = []) {
      let rest = '';
      let from = 0;
      const all = () => apart(text, [...more, ...find(text, member, isId)]);
      let found = all();
      if (found.filter(learn).length > 0) found = all();
      for (const secret of found) {
        rest += text.slice(from, secret.from) + placeholder(secret);
        from = secret.to;
      }
      return from === 0 ? text : rest + text.slice(from);
    },
    counts: () => [...counts].map(([rule, count]) => ({ rule, count })),
  };
}

/** Makes one of those that overlap: the first has it. */
function apart(text: string, found: readonly Secret[]): readonly Secret[] {
  if (found.length < 2) return found;
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
