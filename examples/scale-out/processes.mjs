// The processes of a run: publishers and workers, which may be killed and are started again.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** @param env What they get besides the environment. */
export function createProcesses(env) {
  const children = new Set();
  let isEnding = false;

  function start(role, more = {}) {
    const path = join(import.meta.dirname, `${role}.mjs`);
    const child = fork(path, {
      env: { ...process.env, ...env, ...more },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const one = { role, child, status: null, isReady: false };
    child.on('message', (message) => {
      one.isReady = true;
      one.status = message;
    });
    child.on('exit', () => {
      children.delete(one);
      if (!isEnding) start(role, more);
    });
    children.add(one);
    return one;
  }

  const all = (role) => [...children].filter((one) => one.role === role);

  return {
    start,
    all,
    /** The publisher that leads, as far as is known. */
    leader: () => all('publisher').find(({ status }) => status?.role === 'leader'),
    async end() {
      isEnding = true;
      await Promise.all(
        [...children].map(async ({ child }) => {
          const exited = once(child, 'exit');
          child.kill('SIGCONT');
          child.kill('SIGTERM');
          const late = setTimeout(() => child.kill('SIGKILL'), 5_000);
          await exited;
          clearTimeout(late);
        }),
      );
    },
  };
}
