import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A running codex that listens. */
export interface CodexProcess {
  readonly pid: number;
  /** Where it listens. */
  readonly url: string;
  running(): boolean;
  /** The end of what it has written to stderr. */
  log(): string;
  /** Sends the signal and resolves when it has ended; after `deadlineMs` it sends SIGKILL. */
  end(signal: 'SIGTERM' | 'SIGKILL', deadlineMs: number): Promise<void>;
}

export interface SpawnOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** In milliseconds. Codex takes some 200. */
const readyWithin = 20_000;

/** In characters. */
const logLength = 20_000;

/** Spawns a codex and waits until it listens at the url: `ws://…` or `unix://…`. */
export async function spawnCodex(
  command: string,
  args: readonly string[],
  url: string,
  { cwd, env }: SpawnOptions,
): Promise<CodexProcess> {
  const child = spawn(command, [...args, '--listen', url], {
    cwd,
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let running = true;
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log = (log + text).slice(-logLength);
  });
  child.once('exit', () => {
    running = false;
  });

  async function end(signal: 'SIGTERM' | 'SIGKILL', deadlineMs: number): Promise<void> {
    if (!running) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    const deadline = setTimeout(() => child.kill('SIGKILL'), deadlineMs);
    await exited;
    clearTimeout(deadline);
  }

  let failed = '';
  child.once('error', (error) => {
    running = false;
    failed = `could not be started: ${error.message}`;
  });
  // Not 'exit': that may come before the last of stderr.
  child.once('close', (code, signal) => {
    failed ||= `ended with ${String(code ?? signal)}`;
  });
  const deadline = performance.now() + readyWithin;
  for (;;) {
    const listening = await listeningAt(url, log);
    if (listening) {
      const pid = child.pid as number;
      return { pid, url: listening, log: () => log, running: () => running, end };
    }
    if (performance.now() > deadline) failed ||= `was not ready after ${readyWithin} ms`;
    if (failed) {
      await end('SIGKILL', readyWithin);
      throw new Error(`codex ${failed}. Its stderr ends with:\n${log}`);
    }
    await sleep(10);
  }
}

/** Where it listens: a websocket server announces that, one on a unix socket says nothing. */
async function listeningAt(url: string, log: string): Promise<string | undefined> {
  const path = /^unix:\/\/(.*)$/.exec(url)?.[1];
  if (path === undefined) return /listening on: (\S+)\s/.exec(log)?.[1];
  return new Promise((resolve) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve(url);
    });
    socket.once('error', () => {
      resolve(undefined);
    });
  });
}
