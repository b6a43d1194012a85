import type { ServerRequest } from '../requests/server-request.js';

export interface Commands {
  /**
   * What would run, without the shell around it; `null` if it is more than one plain command: one
   * with operators of the shell, one for the network or with permissions beside.
   */
  readonly script: string | null;
  /** Every text that says what would run: the whole, and its parts. */
  readonly all: readonly string[];
}

interface Params {
  readonly command?: unknown;
  readonly commandActions?: unknown;
  readonly kind?: unknown;
  readonly networkApprovalContext?: unknown;
  readonly additionalPermissions?: unknown;
}

/** What joins commands, redirects them, or puts the output of one into another. */
const operators = /[;&|<>`\n\r]|\$[({]/;

/** `/bin/bash -lc 'ls'`: a shell that is given a script. */
const shell = /^(?:\S*\/)?(?:ba|z|da|k)?sh\s+-l?c\s+([^]*)$/;

/** What a request to run a command is about. */
export function commandsOf({ kind, params }: ServerRequest): Commands {
  if (kind !== 'commandExecution') return { script: null, all: [] };
  const asked = Object(params) as Params;
  const { command, commandActions } = asked;
  const whole = Array.isArray(command) ? command.map(String) : [command].filter(isText);
  const [script = null] = whole.length > 1 ? [scriptOf(whole)] : whole.map(unwrapped);
  const actions = Array.isArray(commandActions) ? commandActions : [];
  const parts = actions.map((action) => (Object(action) as { command?: unknown }).command);
  const all = [whole.join(' '), script, ...parts].filter(isText);
  const isPlain =
    script !== null &&
    !operators.test(script) &&
    (asked.kind ?? 'command') === 'command' &&
    (asked.networkApprovalContext ?? null) === null &&
    (asked.additionalPermissions ?? null) === null;
  return { script: isPlain ? script : null, all };
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

/** The script of `['bash', '-lc', script]`, or the words of a command. */
const scriptOf = (words: readonly string[]): string => {
  const [program = '', flag = '', script = ''] = words;
  const isShell = words.length === 3 && shell.test(`${program} ${flag} x`);
  return isShell ? script : words.join(' ');
};

/** The script in `bash -lc '…'`, if it can be read for sure: nothing in it is escaped. */
function unwrapped(command: string): string {
  const [, quoted] = shell.exec(command) ?? [];
  if (quoted === undefined) return command;
  const [, single, double] = /^(?:'([^']*)'|"([^"\\$`]*)")$/.exec(quoted) ?? [];
  return single ?? double ?? (/^[\w./-]+$/.test(quoted) ? quoted : command);
}
