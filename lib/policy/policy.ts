import { mustBe } from '../options/index.js';
import { accept, cancel, refusal } from '../requests/answers.js';
import { commandsOf } from './commands.js';
import type { AnswerTo, ServerRequest } from '../requests/server-request.js';
import type { RequestContext } from '../requests/server-requests.js';

/** A text, an expression that it must match, or a test. A text means exactly that. */
export type Pattern = string | RegExp | ((text: string) => boolean);

/** What a rule is about. All that are given must hold. */
export interface Criteria {
  /** The command, without the shell around it. */
  readonly command?: Pattern;
  /** A file, or a folder and all that is in it, if it is a text. */
  readonly path?: Pattern;
  /** Any other test. */
  readonly where?: (request: ServerRequest) => boolean;
}

/** Serves requests of any method. */
export type PolicyHandler = <Request extends ServerRequest>(
  request: Request,
  context: RequestContext,
) => AnswerTo<Request> | undefined;

/** Decides on a request: an answer, or `null` if it is none of its business. */
export interface Rule {
  readonly name: string;
  readonly decide: (request: ServerRequest) => object | null;
}

/**
 * Allows commands and changes of files, and nothing else: a command by itself, without operators of
 * the shell, that asks for nothing beside; a change all of whose files are known and match.
 *
 * @example
 * allow({ command: /^git (status|diff)$/ })
 */
export function allow(criteria: Criteria, why?: string): Rule {
  check(criteria);
  const { command, path, where = () => true } = criteria;
  const isAllowed = (request: ServerRequest): boolean => {
    const commands = commandsOf(request);
    if (request.kind === 'commandExecution' && command !== undefined) {
      return path === undefined && commands.script !== null && matches(command, commands.script);
    }
    if (request.kind === 'fileChange' && path !== undefined) {
      return command === undefined && isInside(request, path);
    }
    // A test of the user's own decides on its own responsibility.
    return command === undefined && path === undefined;
  };
  return {
    name: nameOf('allow', criteria, why),
    decide(request) {
      if (request.kind !== 'commandExecution' && request.kind !== 'fileChange') return null;
      return isAllowed(request) && where(request) ? accept(request) : null;
    },
  };
}

/**
 * Denies what it matches: a command any part of which does, a change any file of which does. The
 * agent goes on without it; with `cancel` its turn ends.
 */
export function deny(
  criteria: Criteria,
  why?: string,
  how: 'decline' | 'cancel' = 'decline',
): Rule {
  check(criteria);
  const { command, path, where = () => true } = criteria;
  const name = nameOf('deny', criteria, why);
  const isDenied = (request: ServerRequest): boolean => {
    const { all } = commandsOf(request);
    if (command !== undefined && !all.some((text) => matches(command, text))) return false;
    if (path === undefined) return true;
    if (request.kind !== 'fileChange') return false;
    return !!request.paths?.some((file) => matchesPath(path, normal(file)));
  };
  return {
    name,
    decide(request) {
      if (!isDenied(request) || !where(request)) return null;
      const { kind } = request;
      const canCancel = kind === 'commandExecution' || kind === 'fileChange';
      return how === 'cancel' && canCancel ? cancel(request) : refusal(request, name);
    },
  };
}

/**
 * A handler that decides by rules: the first that matches wins, and what none matches goes on to the
 * next handler, or stays open for a human.
 *
 * @example
 * stream.requests.serve(approvals, policy([allow({ command: /^ls\b/ }), deny({ path: '/etc' })]));
 */
export function policy(rules: readonly Rule[]): PolicyHandler {
  const areRules: boolean = Array.isArray(rules);
  mustBe(areRules, 'rules', 'an array of rules');
  return function policy(request, { because }) {
    for (const { name, decide } of rules) {
      const answer = decide(request);
      if (answer === null) continue;
      because(name);
      return answer as never;
    }
    return undefined;
  };
}

/** Approvals of commands and of changes of files, in every version of the protocol. */
export const approvals = [
  'item/commandExecution/requestApproval',
  'item/fileChange/requestApproval',
  'execCommandApproval',
  'applyPatchApproval',
] as const;

function check({ command, path, where }: Criteria): void {
  const isGiven = command !== undefined || path !== undefined || where !== undefined;
  mustBe(isGiven, 'criteria', 'an object with "command", "path" or "where"');
  mustBe(where === undefined || typeof where === 'function', 'where', 'a function');
  for (const [name, pattern] of Object.entries({ command, path })) {
    const isPattern =
      pattern === undefined ||
      pattern instanceof RegExp ||
      ['string', 'function'].includes(typeof pattern);
    mustBe(isPattern, name, 'a string, a RegExp or a function');
  }
}

function matches(pattern: Pattern, text: string): boolean {
  if (typeof pattern === 'function') return pattern(text);
  // `search`, and not `test`: that would go on from where a global expression was last.
  return typeof pattern === 'string' ? pattern === text : text.search(pattern) >= 0;
}

const matchesPath = (pattern: Pattern, path: string): boolean =>
  typeof pattern === 'string'
    ? path === normal(pattern) || path.startsWith(`${normal(pattern)}/`)
    : matches(pattern, path);

/** A path without `.`, `..` and what stands twice, as far as it can be told without the disk. */
function normal(path: string): string {
  const parts: string[] = [];
  for (const part of path.split(/[/\\]+/)) {
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else if (part !== '.') parts.push(part);
  }
  return parts.join('/').replace(/\/$/, '');
}

function isInside(
  { paths, grantRoot }: Extract<ServerRequest, { kind: 'fileChange' }>,
  path: Pattern,
): boolean {
  // To grant a root is more than to let one change pass.
  if (grantRoot !== null || paths === null || paths.length === 0) return false;
  return paths.every((file) => matchesPath(path, normal(file)));
}

const nameOf = (verb: string, { command, path, where }: Criteria, why?: string): string =>
  why ??
  [verb, shown('command', command), shown('path', path), shown('where', where)]
    .filter(Boolean)
    .join(' ');

const shown = (name: string, pattern: Pattern | Criteria['where']): string => {
  if (pattern === undefined) return '';
  return `${name} ${typeof pattern === 'function' ? pattern.name || 'a function' : String(pattern)}`;
};
