// Another commit of this repository, to compare with.

import { execFile } from 'node:child_process';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '..');
const run = promisify(execFile);
const git = (...command) => run('git', command, { cwd: root });

/** Has the commit in a worktree, with the packages of this one, for as long as `use` takes. */
export async function withCheckout(commit, use) {
  const other = join(await mkdtemp(join(tmpdir(), 'codex-rx-against-')), basename(root));
  try {
    await git('worktree', 'add', '--quiet', '--detach', other, commit);
    await symlink(join(root, 'node_modules'), join(other, 'node_modules'));
    return await use(other);
  } finally {
    await git('worktree', 'remove', '--force', other).catch(() => {});
    await rm(join(other, '..'), { recursive: true, force: true });
    await git('worktree', 'prune');
  }
}
