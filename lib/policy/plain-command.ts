import type { ServerRequest } from '../requests/index.js';

interface Params {
  readonly command?: unknown;
  readonly kind?: unknown;
  readonly networkApprovalContext?: unknown;
  readonly additionalPermissions?: unknown;
}

/*
 * Characters that mean themselves to bash, zsh, fish, PowerShell and cmd.exe, but for these: a
 * first word with `=` assigns, and one with a sign in front is an expression or an option; zsh
 * expands a `=` in front, PowerShell an `@`. Single quotes add spaces and nothing else. Two of
 * them in a row are a quote in PowerShell.
 */
const first = String.raw`[A-Za-z_./][\w./:@+-]*`;
const word = String.raw`[\w./:+-][\w./:@+=-]*`;
const quoted = String.raw`'[\w./:+-][\w./:@+= -]*'`;
const inner = String.raw`[\w./:@+= '-]*`;
const plain = /* @__PURE__ */ new RegExp(`^${first}(?: +(?:${word}|${quoted}))* *$`);

/** A shell by its usual path, or by its name, which is looked up as every command is. */
const shellName = String.raw`(?:/bin/|/usr/bin/|/usr/local/bin/|/opt/homebrew/bin/)?(?:ba|z|da|k|fi)?sh`;
const shell = /* @__PURE__ */ new RegExp(`^${shellName}$`);
const wrapped = /* @__PURE__ */ new RegExp(
  `^${shellName} -l?c (?:'(?<single>${inner})'|"(?<double>${inner})"|(?<bare>${first}))$`,
);

/**
 * What would run, without the shell around it; `null` unless it is one command that means the same
 * to every shell, and asks for nothing besides.
 */
export function plainCommand({ params }: ServerRequest): string | null {
  const { command, kind, networkApprovalContext, additionalPermissions } = Object(params) as Params;
  const asksForMore = [networkApprovalContext, additionalPermissions].some(
    (value) => (value ?? null) !== null,
  );
  if (asksForMore || (kind ?? 'command') !== 'command') return null;
  const script = Array.isArray(command) ? scriptOfWords(command) : scriptOf(command);
  return script !== null && plain.test(script) ? script : null;
}

function scriptOf(command: unknown): string | null {
  if (typeof command !== 'string') return null;
  const { single, double, bare } = wrapped.exec(command)?.groups ?? {};
  return single ?? double ?? bare ?? command;
}

/** The script of `['bash', '-lc', script]`, or the words of a command. */
function scriptOfWords(words: readonly unknown[]): string | null {
  if (!words.every((each) => typeof each === 'string')) return null;
  const [program = '', flag = '', script = ''] = words;
  if (words.length === 3 && shell.test(program) && /^-l?c$/.test(flag)) return script;
  return words.map((each) => (each.includes(' ') ? `'${each}'` : each)).join(' ');
}

/**
 * Whether an expression matches a command from its beginning to the end of a word: `/^ls\b/` is not
 * meant for `ls-evil`, nor `/^git diff/` for `git difftool`.
 */
export function matchesWords({ source, flags }: RegExp, command: string): boolean {
  // A copy: a global expression goes on from where it was last.
  const match = new RegExp(source, flags.replace(/[gy]/g, '')).exec(command);
  if (match?.index !== 0) return false;
  const end = match[0].length;
  return end === 0 || `${command} `[end] === ' ' || command[end - 1] === ' ';
}
