import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { goodbyeTimeout } from '../socket/transport.js';
import { descendantsOf, isRunning, type ProcessIdentity } from './process-tree.js';

/** How often it is looked whether a group has gone, in milliseconds. */
const pollInterval = 10;

/** A child and all that it has started. */
export interface ProcessGroup {
  hasExited(): boolean;
  /** Ends it, step by step. Resolves when it has gone. */
  stop(): Promise<void>;
}

/** What ends the groups that are alive when this process exits. */
const living = new Set<() => void>();

function killLiving(): void {
  for (const kill of living) kill();
}

/**
 * The process group that a child leads, and on Linux what has left it for another group or session;
 * on Windows the child alone.
 *
 * @param tag Stands in the environment of the child.
 */
export function leadGroup(
  child: ChildProcessWithoutNullStreams,
  tag: string,
  stopTimeout: number,
): ProcessGroup {
  const { pid } = child;
  const hasExited = () => child.exitCode !== null || child.signalCode !== null;
  if (pid === undefined) return { hasExited, stop: () => Promise.resolve() };

  let left: readonly ProcessIdentity[] = [];

  /** Looks for what has left the group: while the child lives, its children can be known by it. */
  function look(): void {
    const found = descendantsOf(pid as number, tag);
    const isNew = (one: ProcessIdentity) => !found.some((other) => other.pid === one.pid);
    left = [...left.filter(isNew), ...found].filter(isRunning);
  }

  /** Returns whether the group had anybody to signal. */
  const signal = (name: NodeJS.Signals | 0): boolean => {
    try {
      return isWindows() ? child.kill(name) : process.kill(-pid, name);
    } catch {
      return false;
    }
  };
  // As long as one of a group lives, no other group gets its number.
  const isGone = () => hasExited() && !signal(0) && !left.some(isRunning);

  function signalAll(name: NodeJS.Signals): void {
    look();
    signal(name);
    for (const one of left) {
      try {
        if (isRunning(one)) process.kill(one.pid, name);
      } catch {
        // It has exited meanwhile, or belongs to another user by now.
      }
    }
  }

  const kill = () => {
    signalAll('SIGKILL');
  };
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
    look();
    child.stdin.end();
    await within(stopTimeout, hasExited);
    signalAll('SIGTERM');
    await within(stopTimeout, isGone);
    if (!isGone()) kill();
    await within(goodbyeTimeout, isGone);
    living.delete(kill);
    if (living.size === 0) process.off('exit', killLiving);
  }

  return { hasExited, stop: () => (stopping ??= stop()) };
}

export const isWindows = (): boolean => process.platform === 'win32';
