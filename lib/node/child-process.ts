import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import { maxTimerMs } from '../async/index.js';
import { mustBe, mustBeKnown } from '../options/index.js';
import {
  type Transport,
  type TransportEnd,
  type TransportEvents,
  type TransportRequest,
  type OpenTransport,
  unreadError,
} from '../socket/transport.js';
import { processOptionNames, type ChildProcessOptions } from './child-process-options.js';
import { splitLines } from './json-lines.js';
import { isWindows, leadGroup } from './process-group.js';

/**
 * How long an exit waits for the end of stdout, which others may hold, and the latter for an exit.
 */
const drainTimeout = 500;

/** By this variable of its environment a process is known to have been started here. */
const tagName = 'CODEX_RX_PROCESS';

/**
 * A transport over child processes, one for each connection: a frame is a line of stdin or stdout,
 * as `codex app-server` has it. The url and the headers of a request mean nothing to it.
 *
 * On POSIX the process leads its own group, which ends with it. On Linux so does what it
 * has started in other groups or sessions, known by its parents or by the variable
 * `CODEX_RX_PROCESS` of its environment; elsewhere, and where neither is left, that outlives it. It
 * also ends when this process exits; if this one is killed by a signal, the end of its stdin has to
 * end it.
 *
 * @throws TypeError that names the option that is wrong.
 */
export function openChildProcess(options: ChildProcessOptions = {}): OpenTransport {
  mustBeKnown('process.', options, processOptionNames);
  const settings = processSettings(options);
  return (request, events) => openProcess(settings, request, events);
}

function openProcess(
  settings: Settings,
  request: TransportRequest,
  events: TransportEvents,
): Transport {
  const tag = randomUUID();
  const child = start(settings, tag);
  const group = leadGroup(child, tag, settings.stopTimeout);
  const stderr = keepTail(settings.stderrBytes);
  let spawned = false;
  /** The transport was abandoned: nothing is reported any more. */
  let left = false;
  const lines = splitLines(request, {
    text(text, bytes) {
      if (!left) events.text(text, bytes);
    },
    ignored(bytes) {
      if (!left) events.ignored(bytes);
    },
    fault(fault, bytes, excerpt) {
      if (!left) events.fault(fault, bytes, excerpt);
    },
  });

  child.on('error', (error) => {
    if (!spawned) finish(startFailure(error, settings));
  });
  // Not before it: a process that could not be spawned may have no pipes.
  child.once('spawn', () => {
    spawned = true;
    // A pipe may break at any time, and an 'error' without a listener ends this process.
    for (const pipe of child.stdio) pipe?.on('error', () => undefined);
    child.stdin.once('error', () => {
      finishAlive('stdin');
    });
    child.stdout.on('data', lines.push);
    child.stdout.once('close', () => {
      lines.end();
      finishAlive('stdout');
    });
    child.stderr.on('data', stderr.push);
    if (!left) events.opened();
  });
  child.once('exit', (code, signal) => {
    void group.stop();
    const report = () => {
      lines.end();
      finish({ kind: 'exited', code, signal, stderr: stderr.text() });
    };
    child.once('close', report);
    afterDrain(report);
  });

  /** A process that exits closes its pipes too; its exit says more. */
  function finishAlive(closed: string): void {
    afterDrain(() => {
      const error = new Error(`"${settings.command}" closed its ${closed}, and lives`);
      if (!group.hasExited()) finish({ kind: 'failed', error });
    });
  }

  function finish(end: TransportEnd): void {
    if (left) return;
    void leave();
    events.ended(end);
  }

  async function leave(): Promise<void> {
    left = true;
    await group.stop();
    // A process that has left the group may hold its ends of them for ever.
    if (spawned) for (const pipe of child.stdio) pipe?.destroy();
  }

  return {
    send(text) {
      if (!spawned || left || !child.stdin.writable) return;
      const error = unreadError(child.stdin.writableLength);
      if (error === null) child.stdin.write(`${text}\n`);
      else {
        queueMicrotask(() => {
          finish({ kind: 'failed', error });
        });
      }
    },
    close(closed) {
      // Nothing else may keep this process alive, and it has a promise to keep.
      const alive = setInterval(() => undefined, maxTimerMs);
      void leave().then(() => {
        clearInterval(alive);
        closed();
      });
    },
    abandon() {
      void leave();
    },
  };
}

/**
 * Calls back when all that a process wrote before it exited has been read, however busy this one
 * is.
 */
function afterDrain(then: () => void): void {
  setTimeout(() => setImmediate(then), drainTimeout).unref();
}

/** Keeps the end of a text. */
function keepTail(maxBytes: number) {
  let tail = Buffer.alloc(0);
  return {
    push: (chunk: Buffer): void => {
      const longer = Buffer.concat([tail, chunk]);
      tail = longer.subarray(Math.max(0, longer.length - maxBytes));
    },
    text: () => stripVTControlCharacters(tail.toString()),
  };
}

type Settings = Required<Omit<ChildProcessOptions, 'cwd'>> & { readonly cwd: string | undefined };

function start(settings: Settings, tag: string): ChildProcessWithoutNullStreams {
  const { command, args, env, cwd } = settings;
  try {
    return spawn(command, args, {
      cwd,
      env: { ...process.env, ...env, [tagName]: tag },
      detached: !isWindows(),
      windowsHide: true,
    });
  } catch (error) {
    throw startFailure(error as Error, settings).error;
  }
}

/** Says of what could not be started what to do about it. */
function startFailure(cause: NodeJS.ErrnoException, { command, cwd }: Settings) {
  const failure = (message: string, permanent: boolean) => {
    const error = new Error(message, { cause });
    return { kind: 'failed', error, permanent } as const;
  };
  switch (cause.code) {
    case 'ENOENT':
      // The system says the same of both.
      if (cwd !== undefined && !existsSync(cwd))
        return failure(`"cwd" was not found: ${cwd}`, true);
      return failure(`"${command}" was not found: install it or give "command"`, true);
    case 'EACCES':
      return failure(`"${command}" may not be run: allow it or give another "command"`, true);
    default:
      return failure(`"${command}" cannot be started: ${cause.message}`, false);
  }
}

/** Checks options and fills in defaults. */
function processSettings(options: ChildProcessOptions): Settings {
  const { command = 'codex', args = ['app-server'], env = {}, cwd } = { ...options };
  const { stopTimeout = 2_000, stderrBytes = 8 * 2 ** 10 } = { ...options };
  mustBe(isText(command) && command !== '', 'command', 'a string that is not empty');
  mustBe(Array.isArray(args) && args.every(isText), 'args', 'a list of strings');
  mustBe(typeof env === 'object' && (env as unknown) !== null, 'env', 'an object of strings');
  for (const [name, value] of Object.entries(env)) {
    mustBe(value === undefined || isText(value), `env.${name}`, 'a string');
  }
  mustBe(cwd === undefined || isText(cwd), 'cwd', 'a string');
  mustBe(isAmount(stopTimeout), 'stopTimeout', 'a number, 0 or more');
  mustBe(isAmount(stderrBytes), 'stderrBytes', 'a number, 0 or more');
  return { command, args, env, cwd, stopTimeout, stderrBytes };
}

/** Whether it is a string that can be handed to another process. */
const isText = (value: unknown): boolean => typeof value === 'string' && !value.includes('\0');

const isAmount = (value: unknown): boolean => typeof value === 'number' && value >= 0;
