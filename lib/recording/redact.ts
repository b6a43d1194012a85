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
 * Cuts secrets out of what is recorded: keys and tokens by their form, values by the names that
 * stand before them (in text, code, urls, commands and members), passwords in commands and files,
 * answers to questions that Codex calls secret, e-mail addresses, and the user's name in home
 * paths. A placeholder such as `<email 1>` takes the place of each, the same for the same secret; a
 * secret number becomes 0. Text that streams in pieces is read as a whole, so its lines come up to
 * two seconds later. Nothing else of a frame changes: neither its form nor its ids.
 *
 * In Node the rules of secretlint are asked, too. Rules can only find what they know: look at a
 * recording before you publish it. See docs/recordings.md.
 *
 * @param rules More rules by their names; a usual one can be replaced, or switched off with
 *   `false`: `private-key`, `api-key`, `jwt`, `authorization`, `cookie`, `url`, `command`, `file`,
 *   `secret`, `random`, `email`, `user`, `windows-user`, `secretlint`.
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
