import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { goodbyeTimeout } from '../socket/transport.js';

/** How often it is looked whether a group has gone, in milliseconds. */
const pollInterval = 10;

export interface Group {
  hasExited(): boolean;
  /** Ends it, step by step. Resolves when it has gone. */
  stop(): Promise<void>;
}

/** What ends the groups that are alive when this process exits. */
const living = new Set<() => void>();

function killLiving(): void {
  for (const kill of living) kill();
}

/** The process group that a child leads: on Windows the child alone. */
export function leadGroup(child: ChildProcessWithoutNullStreams, stopTimeout: number): Group {
  const { pid } = child;
  const hasExited = () => child.exitCode !== null || child.signalCode !== null;
  if (pid === undefined) return { hasExited, stop: () => Promise.resolve() };

  /** Returns whether there was anybody to signal. */
  const signal = (name: NodeJS.Signals | 0): boolean => {
    try {
      return isWindows() ? child.kill(name) : process.kill(-pid, name);
    } catch {
      return false;
    }
  };
  // As long as one of a group lives, no other group gets its number.
  const isGone = () => hasExited() && !signal(0);
  const kill = () => signal('SIGKILL');
  let stopping: Promise<void> | undefined;

  if (living.size === 0) process.once('exit', killLiving);
  living.add(kill);

  async function within(ms: number, done: () => boolean): Promise<void> {
    const deadline = performance.now() + ms;
    while (!done() && performance.now() < deadline) {
      await sleep(pollInterval, undefined, { ref: false });
    }
  }

  async function stop(): Promise<void> {
    child.stdin.end();
    await within(stopTimeout, hasExited);
    if (!isGone()) signal('SIGTERM');
    await within(stopTimeout, isGone);
    if (!isGone()) kill();
    await within(goodbyeTimeout, isGone);
    living.delete(kill);
    if (living.size === 0) process.off('exit', killLiving);
  }

  return { hasExited, stop: () => (stopping ??= stop()) };
}

export const isWindows = (): boolean => process.platform === 'win32';
