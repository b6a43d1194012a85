import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { platform } from 'node:process';
import { filter, lastValueFrom, NEVER, take, timer } from 'rxjs';
import { inspect } from '../gateway/index.js';
import { connectManager } from '../manager/index.js';
import { connectAppServer } from '../node/index.js';
import { withoutSecrets } from '../recording/without-secrets.js';
import type { CodexStream } from '../stream/index.js';
import { messageOf } from '../text/index.js';
import { UsageError, type Command } from './command.js';
import { firstAttempt } from './connection.js';
import { untilInterrupted } from './interrupted.js';
import { note } from './note.js';
import { startRecording } from './play-recording.js';
import type { Terminal } from './terminal.js';

type InspectCommand = Extract<Command, { readonly name: 'inspect' }>;

/** What is looked at. */
interface Source {
  readonly stream: CodexStream;
  readonly name: string;
  readonly readOnly: boolean;
  /** The first page is open. */
  readonly begin: () => void;
  readonly close: () => Promise<void>;
}

/** Serves the inspector until the user ends it. Resolves with the exit code. */
export async function inspectSession(command: InspectCommand, terminal: Terminal): Promise<number> {
  const source = await openSource(command, terminal);
  const { stream, name } = source;
  const readOnly = command.readOnly || source.readOnly;
  try {
    const failure = await firstAttempt(stream);
    if (failure !== null) {
      if (terminal.interrupted.aborted) return 0;
      note(terminal, `cannot inspect ${name}: ${failure}`);
      return 1;
    }
    const { port, token } = command;
    const inspector = await inspect(stream, {
      port,
      readOnly,
      ...(token === undefined ? {} : { token }),
      log: { warn: (text) => note(terminal, text), error: (text) => note(terminal, text) },
    });
    const mode = readOnly ? ', which only looks' : '';
    terminal.out(`The inspector of ${name}${mode}: ${inspector.url}\nCtrl-C ends it.\n`);
    if (command.open) openBrowser(inspector.url);
    const opened$ = timer(0, 100).pipe(
      filter(() => inspector.clients > 0),
      take(1),
    );
    opened$.pipe(untilInterrupted(terminal)).subscribe(source.begin);
    await lastValueFrom(NEVER.pipe(untilInterrupted(terminal)), { defaultValue: null });
    await inspector.close();
    return 0;
  } finally {
    await stream.close();
    await source.close();
  }
}

async function openSource(command: InspectCommand, terminal: Terminal): Promise<Source> {
  const { what, process, appServer, speed } = command;
  const live = { readOnly: false, begin: () => undefined, close: () => Promise.resolve() };
  const [program, ...args] = process;
  if (program !== undefined) {
    const stream = connectAppServer({ process: { command: program, args }, log: false });
    return { ...live, stream, name: process.join(' ') };
  }
  const url = what ?? '';
  if (appServer || url.startsWith('unix:')) {
    return { ...live, stream: connectAppServer({ url, log: false }), name: withoutSecrets(url) };
  }
  if (URL.canParse(url) && !existsSync(url)) {
    return { ...live, stream: connectManager({ url, log: false }), name: withoutSecrets(url) };
  }
  if (!existsSync(url)) throw new UsageError(`There is no recording ${url}, and it is no url.`);
  const recording = await startRecording(url, { speed }, terminal).catch((cause: unknown) => {
    throw new Error(`cannot inspect ${url}: ${messageOf(cause)}`, { cause });
  });
  const stream = connectManager({ url: recording.url, health: false, resync: false, log: false });
  return { ...recording, stream, name: url, readOnly: true };
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
