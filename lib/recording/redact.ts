import { redactLines, type RedactedLines } from './redacted-lines.js';
import { createSecrets, type RedactionCount, type RedactionRules } from './secrets.js';

/** What cuts secrets out of recordings, and knows what it has cut. */
export interface Redaction {
  /** Begins a recording: takes its lines, and gives them back without secrets. */
  begin(): RedactedLines;
  /** What was cut so far: which rules, and how often; never what it was. */
  report(): readonly RedactionCount[];
}

/**
 * Cuts secrets out of what is recorded: keys and tokens of many makes, private keys, bearer tokens,
 * cookies, passwords and tokens in urls, secrets of environment variables (`FOO_TOKEN=…`, `*_KEY`,
 * `*_SECRET`, `PASSWORD`), members that are named so, answers to questions that Codex calls secret, e-mail
 * addresses, and the user's name in home paths. A placeholder takes the place of each, such as
 * `<email 1>`: the same for the same secret. Text that streams in pieces is looked at as a whole, so its
 * lines come up to two seconds later. Nothing else of a frame changes: neither its form nor its ids.
 *
 * Rules can only find what they know. What is encoded (but for base64 in Codex's own members), in images,
 * or told otherwise is not seen: look at a recording before you publish it.
 *
 * @param rules More rules by their names; a usual one can be replaced, or switched off with `false`:
 *   `private-key`, `api-key`, `jwt`, `bearer`, `authorization`, `cookie`, `url`, `query`, `env`,
 *   `password`, `secret`, `flag`, `email`, `user`, `windows-user`.
 *
 * @example
 * redact({ customer: /\bC-\d{6}\b/, name: { member: /^(first|last)Name$/ }, email: false })
 *
 * @throws TypeError that names the rule that is none.
 */
export function redact(rules: RedactionRules = {}): Redaction {
  const secrets = createSecrets(rules);
  return {
    begin: () => redactLines(secrets),
    report: secrets.counts,
  };
}
