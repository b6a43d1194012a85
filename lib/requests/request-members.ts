import { legacyChanges, pathsOf, type Changes } from './file-changes.js';
import type { RequestKind } from './methods.js';
import type { RequestMembers } from './server-request.js';

type Params = Readonly<Record<string, unknown>>;

const textOr = <Otherwise>(value: unknown, otherwise: Otherwise): string | Otherwise =>
  typeof value === 'string' ? value : otherwise;

/** What a card shows of a request, read from params of either protocol. */
export function membersOf(
  kind: RequestKind,
  params: Params,
  changes: Changes,
): RequestMembers[RequestKind] {
  const { reason, cwd } = params;
  const why = { reason: textOr(reason, null) };
  switch (kind) {
    case 'commandExecution': {
      const { command, availableDecisions } = params;
      return {
        command: Array.isArray(command) ? command.map(quoted).join(' ') : textOr(command, ''),
        cwd: textOr(cwd, null),
        ...why,
        availableDecisions: Array.isArray(availableDecisions) ? availableDecisions : null,
      };
    }
    case 'fileChange': {
      const { fileChanges, grantRoot } = params;
      const all = fileChanges ? legacyChanges(fileChanges) : changes;
      return { paths: pathsOf(all), changes: all, grantRoot: textOr(grantRoot, null), ...why };
    }
    case 'dynamicToolCall': {
      const { tool, namespace, arguments: given } = params;
      return { tool: textOr(tool, ''), namespace: textOr(namespace, null), arguments: given };
    }
    case 'permissions':
      return {
        permissions: Object(params['permissions']) as object,
        cwd: textOr(cwd, null),
        ...why,
      };
    case 'userInput': {
      const { questions } = params;
      return { questions: Array.isArray(questions) ? (questions as never[]) : [] };
    }
    case 'elicitation': {
      const { serverName, message, title } = params;
      return { serverName: textOr(serverName, ''), message: textOr(message ?? title, '') };
    }
    default:
      return {};
  }
}

/** A word of a command as a POSIX shell reads it. */
function quoted(word: unknown): string {
  const text = String(word);
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
