import { parseArgs } from 'node:util';

/** What the command line asks for. */
export type Command =
  | { readonly name: 'demo' }
  | {
      readonly name: 'tail';
      readonly url: string;
      readonly thread: string | undefined;
      readonly prefixes: readonly string[];
      readonly json: boolean;
    }
  | { readonly name: 'help' }
  | { readonly name: 'version' };

/** The command line cannot be understood. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export const usage = `codex-rx: the events of Codex agents

  codex-rx demo                 replays a recorded session over a real websocket
  codex-rx tail <url>           shows the events of a codex-manager until Ctrl-C

tail:
  <url>            http://127.0.0.1:3001 (or https:, ws:, wss:)
  --thread <id>    asks the server for the events of this thread alone
  --prefix <p>     shows only events whose type begins with this; may be repeated
  --json           prints each event as a line of JSON

  --help, --version

NO_COLOR turns colours off; they are off in a pipe.
Exit codes: 0 done, 1 no connection, 2 wrong usage.
`;

/** @throws UsageError that says what is wrong. */
export function readCommand(args: readonly string[]): Command {
  const { values, positionals } = parse(args);
  if (values.help) return { name: 'help' };
  if (values.version) return { name: 'version' };
  const [name, ...rest] = positionals;
  if (name === undefined) return { name: 'help' };
  if (name === 'demo') return { name };
  if (name !== 'tail') throw new UsageError(`There is no command "${name}".`);
  const [url, ...more] = rest;
  if (url === undefined || more.length > 0) throw new UsageError('tail takes one url.');
  const { thread, prefix: prefixes = [], json = false } = values;
  return { name, url, thread, prefixes, json };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        thread: { type: 'string' },
        prefix: { type: 'string', multiple: true },
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
        version: { type: 'boolean', short: 'v' },
      },
    });
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
