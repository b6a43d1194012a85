import { mustBe, mustBeKnown } from '../options/index.js';
import {
  accept,
  cancel,
  refusal,
  type AnswerTo,
  type RequestContext,
  type ServerRequest,
} from '../requests/index.js';
import { isFolder, isInside, mayBeInside } from './paths.js';
import { matches, matchesLoosely, type Pattern } from './pattern.js';
import { matchesWords, plainCommand } from './plain-command.js';
import { readingsOf } from './readings.js';

/** What a rule is about. Everything that is given must hold. */
export interface Criteria {
  /**
   * The command, without the shell around it. In `allow` an expression must match from the
   * beginning of the command to the end of a word.
   */
  readonly command?: Pattern;
  /**
   * A file, or a folder and all that is in it, if it is a text: absolute in `allow`; in `deny`,
   * `.git` means each one.
   */
  readonly path?: Pattern;
  /** Any other test. */
  readonly where?: (request: ServerRequest) => boolean;
}

type FileChangeRequest = Extract<ServerRequest, { readonly kind: 'fileChange' }>;

/** Serves requests of any method. */
export type PolicyHandler = <Request extends ServerRequest>(
  request: Request,
  context: RequestContext,
) => AnswerTo<Request> | undefined;

/** Decides on a request: returns an answer, or `null` to leave the request to the next rule. */
export interface Rule {
  readonly name: string;
  readonly decide: (request: ServerRequest) => object | null;
}

/**
 * Allows commands and changes of files, as far as they are certainly harmless: one command in plain
 * characters that asks for nothing besides; a change all of whose files are known, absolute, and
 * match. Everything else stays open for a human. It is not a sandbox: see docs/policies.md.
 *
 * @example
 * allow({ command: /^git (status|diff)$/ })
 */
export function allow(criteria: Criteria, why?: string): Rule {
  check(criteria);
  const { command, path, where = () => true } = criteria;
  mustBe(
    typeof path !== 'string' || isFolder(path),
    'path',
    'an absolute path without "." and "..", such as "/home/me/project" or "C:\\project"',
  );
  const isAllowed = (request: ServerRequest): boolean => {
    // A test of the user's own decides on its own responsibility.
    if (command === undefined && path === undefined) return true;
    if (request.kind === 'commandExecution' && command !== undefined && path === undefined) {
      const script = plainCommand(request);
      if (script === null) return false;
      return command instanceof RegExp ? matchesWords(command, script) : matches(command, script);
    }
    return request.kind === 'fileChange' && path !== undefined && command === undefined
      ? areInside(request, path)
      : false;
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
 * Denies what it matches: a command any part of which does, in any letter case and however quoted;
 * a change any file of which does. The agent goes on without it; with `cancel` its turn ends.
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
    const runs = (pattern: Pattern) =>
      readingsOf(request).some((reading) => matchesLoosely(pattern, reading));
    if (command !== undefined && !runs(command)) return false;
    return path === undefined || filesOf(request).some((file) => mayBeInside(path, file));
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
 * A handler that decides by rules: the first that matches wins, and what none matches goes on to
 * the next handler, or stays open for a human.
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

function check(criteria: Criteria): void {
  mustBeKnown('', criteria, ['command', 'path', 'where']);
  const { command, path, where } = criteria;
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

function areInside(request: FileChangeRequest, path: Pattern): boolean {
  const { grantRoot } = Object(request.params) as { grantRoot?: unknown };
  // To grant a root is more than to let one change pass.
  if ((grantRoot ?? null) !== null) return false;
  const files: readonly unknown[] = request.paths ?? [];
  return files.length > 0 && files.every((file) => isText(file) && isInside(path, file));
}

/** What a change may touch, and the root that it asks for. */
const filesOf = (request: ServerRequest): readonly string[] =>
  request.kind === 'fileChange'
    ? [...(request.paths ?? []), request.grantRoot].filter((file) => isText(file))
    : [];

const isText = (value: unknown): value is string => typeof value === 'string';

const nameOf = (verb: string, { command, path, where }: Criteria, why?: string): string =>
  why ??
  [verb, shown('command', command), shown('path', path), shown('where', where)]
    .filter(Boolean)
    .join(' ');

const shown = (name: string, pattern: Pattern | Criteria['where']): string => {
  if (pattern === undefined) return '';
  return `${name} ${typeof pattern === 'function' ? pattern.name || 'a function' : String(pattern)}`;
};
