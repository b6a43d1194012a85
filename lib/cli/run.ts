import { readFileSync } from 'node:fs';
import { readCommand, usage, UsageError } from './command.js';
import { demo } from './demo.js';
import { inspectSession } from './inspect-session.js';
import { note } from './note.js';
import { messageOf } from '../text/index.js';
import { recordSession } from './record-session.js';
import { replaySession } from './replay-session.js';
import { tail } from './tail.js';
import { send } from './send.js';
import type { Terminal } from './terminal.js';

/** Runs the command that the arguments ask for. Resolves with the exit code. */
export async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    const command = readCommand(args);
    switch (command.name) {
      case 'help':
        terminal.out(usage);
        return 0;
      case 'version':
        terminal.out(`${version()}\n`);
        return 0;
      case 'demo':
        return await demo(terminal);
      case 'tail':
        return await tail(command, terminal);
      case 'send':
        return await send(command, terminal);
      case 'record':
        return await recordSession(command, terminal);
      case 'replay':
        return await replaySession(command, terminal);
      case 'inspect':
        return await inspectSession(command, terminal);
    }
  } catch (error) {
    note(terminal, messageOf(error));
    if (error instanceof UsageError) terminal.err('Try codex-rx --help.\n');
    return error instanceof UsageError || error instanceof TypeError ? 2 : 1;
  }
}

/** From the package.json above: two folders up in lib, three in dist. */
function version(): string {
  for (const path of ['../../package.json', '../../../package.json']) {
    try {
      const { version } = JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')) as {
        version?: string;
      };
      if (version !== undefined) return version;
    } catch {
      // Not there: the other.
    }
  }
  return 'unknown';
}
