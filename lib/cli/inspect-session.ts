import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { platform } from 'node:process';
import { lastValueFrom, NEVER } from 'rxjs';
import { inspect, type Inspector } from '../gateway/index.js';
import { connectManager } from '../manager/index.js';
import { connectAppServer } from '../node/index.js';
import { withoutSecrets } from '../recording/without-secrets.js';
import type { CodexStream } from '../stream/index.js';
import { messageOf } from '../text/index.js';
import { UsageError, type Command } from './command.js';
import { firstAttempt } from './connection.js';
import { inspectRecording } from './inspect-recording.js';
import { untilInterrupted } from './interrupted.js';
import { note } from './note.js';
import type { Terminal } from './terminal.js';

type InspectCommand = Extract<Command, { readonly name: 'inspect' }>;

/** What is served. */
interface Served {
  readonly inspector: Inspector;
  readonly name: string;
  readonly readOnly: boolean;
  readonly close: () => Promise<void>;
}

/** Serves the inspector until the user ends it. Resolves with the exit code. */
export async function inspectSession(command: InspectCommand, terminal: Terminal): Promise<number> {
  const served = await serve(command, terminal);
  if (served === null) return terminal.interrupted.aborted ? 0 : 1;
  const { inspector, name, readOnly } = served;
  try {
    const mode = readOnly ? ', which only looks' : '';
    terminal.out(`The inspector of ${name}${mode}: ${inspector.url}\nCtrl-C ends it.\n`);
    if (command.open) openBrowser(inspector.url);
    await lastValueFrom(NEVER.pipe(untilInterrupted(terminal)), { defaultValue: null });
    return 0;
  } finally {
    await inspector.close();
    await served.close();
  }
}

/** `null`: there is no connection, which was said. */
async function serve(command: InspectCommand, terminal: Terminal): Promise<Served | null> {
  const { what = '', process, speed, port, token, readOnly } = command;
  const log = {
    warn: (text: string) => {
      note(terminal, text);
    },
    error: (text: string) => {
      note(terminal, text);
    },
  };
  const options = { port, readOnly, ...(token === undefined ? {} : { token }), log };
  if (process.length === 0 && (!isUrl(what) || existsSync(what))) {
    if (!existsSync(what)) throw new UsageError(`There is no recording ${what}, and it is no url.`);
    const inspector = await inspectRecording(what, speed, options, terminal).catch(
      (cause: unknown) => {
        throw new Error(`cannot inspect ${what}: ${messageOf(cause)}`, { cause });
      },
    );
    return { inspector, name: what, readOnly: true, close: () => Promise.resolve() };
  }
  // Arguments may be secrets.
  const name = process[0] ?? withoutSecrets(what);
  const stream = openStream(command);
  const failure = await firstAttempt(stream);
  if (failure !== null) {
    if (!terminal.interrupted.aborted) note(terminal, `cannot inspect ${name}: ${failure}`);
    await stream.close();
    return null;
  }
  try {
    const inspector = await inspect(stream, options);
    return { inspector, name, readOnly, close: () => stream.close() };
  } catch (error) {
    await stream.close();
    throw error;
  }
}

const isUrl = (what: string): boolean => what.startsWith('unix:') || URL.canParse(what);

function openStream({ what: url = '', process, appServer }: InspectCommand): CodexStream {
  const [program, ...args] = process;
  if (program !== undefined) {
    return connectAppServer({ process: { command: program, args }, log: false });
  }
  return appServer || url.startsWith('unix:')
    ? connectAppServer({ url, log: false })
    : connectManager({ url, log: false });
}

/** Opens the browser of the user; if there is none, the address is printed anyway. */
function openBrowser(url: string): void {
  const [program, ...args]: readonly [string, ...string[]] =
    platform === 'darwin'
      ? ['open']
      : platform === 'win32'
        ? ['cmd', '/c', 'start', '']
        : ['xdg-open'];
  const child = spawn(program, [...args, url], { detached: true, stdio: 'ignore' });
  child.on('error', () => undefined);
  child.unref();
}
