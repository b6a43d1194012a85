import { has, mustBe } from '../options/index.js';
import type { Detector, Groups, RedactionRule } from './redaction-rules.js';

/** A rule as it is applied: with patterns that keep no state. */
export interface Rule extends Detector {
  readonly name: string;
  readonly isUsual: boolean;
}

/** @throws TypeError that names the rule that is none. */
export function toRule(name: string, rule: RedactionRule | Detector, isUsual: boolean): Rule {
  const isPattern = (value: unknown) => has(value, 'exec');
  const stateless = (pattern: RegExp, flag = '') =>
    new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, '') + flag);
  if (isUsual && 'patterns' in rule) {
    const { patterns, ...tests } = rule;
    return { name, isUsual, ...tests, patterns: patterns.map((each) => stateless(each, 'g')) };
  }
  const { text, member } = isPattern(rule)
    ? { text: rule as RegExp, member: undefined }
    : (Object(rule) as Exclude<RedactionRule, RegExp>);
  const isRule = [text, member].every((pattern) => pattern === undefined || isPattern(pattern));
  mustBe(
    isRule && (text ?? member) !== undefined,
    `redact.${name}`,
    'a RegExp, "text" or "member", or false',
  );
  const members = member && stateless(member);
  return {
    name,
    isUsual,
    patterns: text === undefined ? [] : [stateless(text, 'g')],
    ...(members && { isMember: (each: string) => members.test(each) }),
  };
}

/** Visits each match of a pattern: where its secret is, without quotes around it. */
export function findPattern(
  text: string,
  pattern: RegExp,
  accepts: Detector['accepts'],
  visit: (from: number, secret: string) => void,
): void {
  pattern.lastIndex = 0;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const [all] = match;
    const groups: Groups = match.groups ?? {};
    const whole = groups['secret'] ?? all;
    const secret = whole === all ? all : whole.replace(/^\\*["'`]/, '');
    if (secret !== '' && (accepts?.(groups, secret) ?? true)) {
      visit(match.index + all.lastIndexOf(secret), secret);
    } else if (groups['name'] !== undefined) {
      // What looked like its value may be the next name.
      pattern.lastIndex = match.index + groups['name'].length;
    }
    // A pattern that matches nothing at all would do so for ever.
    if (all === '') pattern.lastIndex++;
  }
}
