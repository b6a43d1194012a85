import { parseArgs } from 'node:util';

/** The command of a command line. */
export type Command =
  | { readonly name: 'demo' }
  | ({ readonly name: 'tail'; readonly url: string } & Shown)
  | {
      readonly name: 'send';
      readonly url: string;
      readonly appServer: boolean;
      readonly thread: string;
      readonly text: string;
      readonly whenBusy: 'reject' | 'steer' | 'queue';
    }
  | {
      readonly name: 'record';
      readonly url: string;
      readonly appServer: boolean;
      readonly thread: string | undefined;
      /** The file to write; `undefined` for stdout. */
      readonly out: string | undefined;
      readonly redact: boolean;
    }
  | ({
      readonly name: 'replay';
      readonly file: string;
      readonly speed: number;
      /** The port to serve at; `undefined` shows it here. */
      readonly port: number | undefined;
      readonly sock: string | undefined;
    } & Shown)
  | {
      readonly name: 'inspect';
      /** A url or a recording; `undefined` if a process is started. */
      readonly what: string | undefined;
      /** The command to start, with its arguments. */
      readonly process: readonly string[];
      readonly appServer: boolean;
      readonly speed: number;
      readonly port: number;
      readonly token: string | undefined;
      readonly readOnly: boolean;
      readonly open: boolean;
    }
  | { readonly name: 'help' }
  | { readonly name: 'version' };

/** Which events of a session are shown, and how. */
interface Shown {
  readonly thread: string | undefined;
  readonly prefixes: readonly string[];
  readonly json: boolean;
}

/** The command line cannot be understood. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export const usage = `codex-rx: the events of Codex agents

  codex-rx demo                 replays a recorded session over a real websocket
  codex-rx tail <url>           shows the events of a codex-manager until Ctrl-C
  codex-rx send <url> <text>    sends a message to a thread, and shows its turn until it ends
  codex-rx record <url>         records what goes over the wire until Ctrl-C, without secrets
  codex-rx replay <file>        shows a recorded session, or serves it to clients
  codex-rx inspect <what>       shows agents in a page, with an inbox of what they ask, until Ctrl-C

tail:
  <url>            http://127.0.0.1:3001 (or https:, ws:, wss:)
  --thread <id>    asks the server for the events of this thread alone
  --prefix <p>     shows only events whose type begins with this; may be repeated
  --json           prints each event as a line of JSON

send:
  <url>            of a codex-manager as above, or of a codex app-server: unix:///path/x.sock
  --app-server     says that a ws: or wss: url is that of a codex app-server
  --thread <id>    the thread to send to
  --queue          waits for the end of the turn that runs there; otherwise nothing is sent then
  --steer          adds the message to that turn

record:
  <url>            of a codex-manager as above, or of a codex app-server: unix:///path/x.sock
  --app-server     says that a ws: or wss: url is that of a codex app-server
  --thread <id>    records this thread alone; of an app-server, follows it
  --out <file>     writes to a new file; otherwise to stdout
  --no-redact      leaves tokens, passwords, e-mail addresses and the user's name as they are

replay:
  <file>           a recording of either server
  --speed <n>      how many times as fast as it was recorded, or max; otherwise 1
  --sock <name>    replays what this socket received alone
  --thread, --prefix, --json    as for tail
  --port <n>       serves it as a codex-manager at this port (0: a free one), from the beginning to
                   each client that connects, until Ctrl-C

inspect:
  <what>           a url as for record, or a recording, which the page plays
  -- <command>     starts this instead, such as -- codex app-server
  --app-server     says that a ws: or wss: url is that of a codex app-server
  --read-only      the page only looks; so it does for a recording
  --speed <n>      of a recording: how many times as fast at first, or max; otherwise 1
  --port <n>       the port of the page on this machine; otherwise a free one
  --token <t>      the token of the page; otherwise a random one
  --no-open        opens no browser

  --help, --version

NO_COLOR turns colours off; they are off in a pipe.
Exit codes: 0 done, 1 no connection or no recording, 2 wrong usage; of send also 3 the turn failed,
4 it was interrupted, 5 its end is not known or the message was not delivered.
`;

const shown = ['thread', 'prefix', 'json'] as const;

/** The options of each command. */
const known: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ['demo', []],
  ['tail', shown],
  ['send', ['app-server', 'thread', 'queue', 'steer']],
  ['record', ['app-server', 'thread', 'out', 'no-redact']],
  ['replay', [...shown, 'speed', 'sock', 'port']],
  ['inspect', ['app-server', 'read-only', 'speed', 'port', 'token', 'no-open']],
]);

/** @throws UsageError that says what is wrong. */
export function readCommand(args: readonly string[]): Command {
  const { values, positionals } = parse(args);
  if (values.help) return { name: 'help' };
  if (values.version) return { name: 'version' };
  const [name, ...rest] = positionals;
  if (name === undefined) return { name: 'help' };
  const options = known.get(name);
  if (options === undefined) throw new UsageError(`There is no command "${name}".`);
  for (const option of Object.keys(values)) {
    if (!options.includes(option)) throw new UsageError(`${name} has no option --${option}.`);
  }
  const { thread, prefix: prefixes = [], json = false, out, sock } = values;
  switch (name) {
    case 'tail':
      return { name, url: theOnly(rest, 'tail takes one url.'), thread, prefixes, json };
    case 'send': {
      const [url, text, ...more] = rest;
      if (url === undefined || text === undefined || more.length > 0) {
        throw new UsageError('send takes one url and one text.');
      }
      if (thread === undefined) throw new UsageError('send needs --thread.');
      if (values.queue && values.steer) throw new UsageError('send takes --queue or --steer.');
      const whenBusy = values.queue ? 'queue' : values.steer ? 'steer' : 'reject';
      return { name, url, appServer: values['app-server'] ?? false, thread, text, whenBusy };
    }
    case 'record':
      return {
        name,
        url: theOnly(rest, 'record takes one url.'),
        appServer: values['app-server'] ?? false,
        thread,
        out,
        redact: !(values['no-redact'] ?? false),
      };
    case 'replay': {
      const file = theOnly(rest, 'replay takes one file.');
      const { speed, port } = { speed: speedOf(values.speed), port: portOf(values.port) };
      if (port !== undefined && (json || prefixes.length > 0 || thread !== undefined)) {
        throw new UsageError('--port shows nothing here: leave --thread, --prefix and --json out.');
      }
      return { name, file, speed, port, sock, thread, prefixes, json };
    }
    case 'inspect': {
      const [what, process] = processOf(args, rest);
      if (!/^[\w.~+-]*$/.test(values.token ?? '')) {
        throw new UsageError('--token takes letters, digits and . _ ~ + - alone.');
      }
      return {
        name,
        what,
        process,
        appServer: values['app-server'] ?? false,
        speed: speedOf(values.speed),
        port: portOf(values.port) ?? 0,
        token: values.token,
        readOnly: values['read-only'] ?? false,
        open: !(values['no-open'] ?? false),
      };
    }
    default:
      return { name: 'demo' };
  }
}

/** What `inspect` looks at: the one thing that is named, or the command behind `--`. */
function processOf(
  args: readonly string[],
  rest: readonly string[],
): readonly [what: string | undefined, process: readonly string[]] {
  const process = args.includes('--') ? args.slice(args.indexOf('--') + 1) : [];
  const named = rest.slice(0, rest.length - process.length);
  const otherwise = 'inspect takes one url or recording, or a command behind --.';
  if (process.length === 0) return [theOnly(named, otherwise), process];
  if (named.length > 0) throw new UsageError(otherwise);
  return [undefined, process];
}

function theOnly(given: readonly string[], otherwise: string): string {
  const [first, ...more] = given;
  if (first === undefined || more.length > 0) throw new UsageError(otherwise);
  return first;
}

function speedOf(given = '1'): number {
  const speed = given === 'max' ? Infinity : Number(given);
  if (speed > 0) return speed;
  throw new UsageError(`--speed must be a number above 0, or max, not ${given}.`);
}

function portOf(given: string | undefined): number | undefined {
  if (given === undefined) return undefined;
  const port = Number(given);
  if (/^\d+$/.test(given) && port < 2 ** 16) return port;
  throw new UsageError(`--port must be a number from 0 to 65535, not ${given}.`);
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
        'app-server': { type: 'boolean' },
        out: { type: 'string' },
        'no-redact': { type: 'boolean' },
        queue: { type: 'boolean' },
        steer: { type: 'boolean' },
        speed: { type: 'string' },
        sock: { type: 'string' },
        port: { type: 'string' },
        token: { type: 'string' },
        'read-only': { type: 'boolean' },
        'no-open': { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
        version: { type: 'boolean', short: 'v' },
      },
    });
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
