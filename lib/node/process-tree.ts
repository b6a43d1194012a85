import { readdirSync, readFileSync } from 'node:fs';

/** A process that cannot be mistaken for a later one with the same number. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it began, in ticks since the system did. */
  readonly startedAt: string;
}

interface ListedProcess extends ProcessIdentity {
  readonly parent: number;
}

/**
 * What a process has started, and what that has, in whichever group or session: those under it in
 * the tree of processes, and those whose environment holds `tag`, which stays when a parent has
 * exited. Linux only; elsewhere nothing is found.
 */
export function descendantsOf(pid: number, tag: string): readonly ProcessIdentity[] {
  const running = listProcesses();
  const found = new Map<number, ProcessIdentity>();
  for (const one of running) if (one.pid !== pid && isMarked(one.pid, tag)) found.set(one.pid, one);
  for (let before = -1; before !== found.size;) {
    before = found.size;
    for (const one of running) {
      if (one.parent === pid || found.has(one.parent)) found.set(one.pid, one);
    }
  }
  found.delete(process.pid);
  return [...found.values()];
}

/** Whether a process still runs: one that waits for its parent to look is over. */
export const isRunning = ({ pid, startedAt }: ProcessIdentity): boolean =>
  readProcess(pid)?.startedAt === startedAt;

function listProcesses(): readonly ListedProcess[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap((name) => readProcess(Number(name)) ?? []);
  } catch {
    return [];
  }
}

function readProcess(pid: number): ListedProcess | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name of the program comes before, in parentheses, and may hold anything.
    const [state, parent, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (state === 'Z' || state === 'X') return null;
    return { pid, parent: Number(parent), startedAt: rest[17] ?? '' };
  } catch {
    return null;
  }
}

function isMarked(pid: number, tag: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1').includes(tag);
  } catch {
    return false;
  }
}
