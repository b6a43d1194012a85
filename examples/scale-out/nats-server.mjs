// A nats-server with JetStream on 127.0.0.1, in a folder that is removed at the end.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';

const missing =
  'nats-server is missing. On Debian: apt-get update && apt-get install -y nats-server';

export async function startNatsServer() {
  const folder = mkdtempSync(join(tmpdir(), 'codex-rx-scale-'));
  const config = join(folder, 'nats.conf');
  const jetstream = `jetstream { store_dir: "${join(folder, 'data')}" }`;
  // It takes a free port itself, and the same one when it is started again.
  let port = -1;
  // Debian puts it where the PATH of a user does not look.
  const PATH = `${env.PATH}:/usr/sbin:/usr/local/sbin`;
  let child;

  async function start() {
    writeFileSync(config, `listen: 127.0.0.1:${port}\n${jetstream}\n`);
    child = spawn(env.NATS_SERVER || 'nats-server', ['-c', config], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...env, PATH },
    });
    let log = '';
    await new Promise((resolve, reject) => {
      child.on('error', () => reject(new Error(missing)));
      child.on('exit', (code) => reject(new Error(`nats-server exited (${code}): ${log}`)));
      child.stderr.on('data', (text) => {
        log += text;
        if (log.includes('Server is ready')) resolve();
      });
    });
    port = Number(/client connections on [^\n]*:(\d+)/.exec(log)?.[1]);
  }

  async function kill() {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  await start();
  return {
    url: `127.0.0.1:${port}`,
    folder,
    kill,
    restart: start,
    async close() {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
