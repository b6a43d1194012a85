// `codex-rx inspect` as a user runs it.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { execPath } from 'node:process';
import { root } from './stage.mjs';

/** Runs the command until it has printed its address. */
export async function startCommand(...args) {
  const child = spawn(execPath, ['dist/esm/cli/main.js', 'inspect', ...args, '--no-open'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  process.once('exit', () => child.kill('SIGKILL'));
  let printed = '';
  child.stdout.setEncoding('utf8');
  for await (const text of child.stdout) {
    printed += text;
    if (/#t=\S+/.test(printed)) break;
  }
  if (!/#t=\S+/.test(printed)) throw new Error(`It has printed no address: ${printed}`);
  return {
    url: /http:\/\/\S+#t=\S+/.exec(printed)[0],
    printed,
    async end() {
      const exited = once(child, 'exit');
      child.kill('SIGINT');
      assert.deepEqual(await exited, [0, null]);
    },
  };
}
