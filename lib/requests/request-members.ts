import type { Incoming } from '../protocol/index.js';
import { legacyChanges, pathsOf, type Changes } from './file-changes.js';
import type { RequestKind } from './methods.js';

/** What a card shows of a request, by its kind: the same for both protocols. */
export interface RequestMembers {
  readonly commandExecution: {
    /** As a shell would read it; empty if the server does not say it. */
    readonly command: string;
    readonly cwd: string | null;
    readonly reason: string | null;
    /** What the server offers as a decision, if it says so. It takes `decline` in any case. */
    readonly availableDecisions: readonly unknown[] | null;
  };
  readonly fileChange: {
    /** The files that it would change, and where they would move; `null` if they are not known. */
    readonly paths: readonly string[] | null;
    readonly changes: readonly Incoming.FileUpdateChange[] | null;
    readonly grantRoot: string | null;
    readonly reason: string | null;
  };
  readonly dynamicToolCall: {
    readonly tool: string;
    readonly namespace: string | null;
    readonly arguments: unknown;
  };
  readonly permissions: {
    readonly permissions: Incoming.RequestPermissionProfile;
    readonly cwd: string | null;
    readonly reason: string | null;
  };
  readonly userInput: { readonly questions: readonly Incoming.ToolRequestUserInputQuestion[] };
  readonly elicitation: { readonly serverName: string; readonly message: string };
  readonly authTokensRefresh: object;
  readonly attestation: object;
  readonly currentTime: object;
  readonly other: object;
}

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
  const text = typeof word === 'string' ? word : JSON.stringify(word);
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
