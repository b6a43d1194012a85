// Where nats-server is: `npm run test:backend`, `npm run scale` and examples/scale-out need it.

import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { env } from 'node:process';

const line = 'apt-get update && apt-get install -y nats-server';

/** The path of the binary; `null` if it is not installed. Debian puts it into /usr/sbin. */
export function findNatsServer() {
  const folders = [...(env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/bin'];
  for (const path of [env.NATS_SERVER ?? '', ...folders.map((at) => join(at, 'nats-server'))]) {
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not here.
    }
  }
  return null;
}

/** Installs it from Debian where it is missing. Throws with the line that does so, if that fails. */
export function installNatsServer() {
  const found = findNatsServer();
  if (found) return found;
  console.log(`nats-server is missing: ${line}`);
  // A service that starts by itself would take the port of others.
  const options = {
    stdio: 'inherit',
    env: { ...env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' },
  };
  spawnSync('apt-get', ['update', '-qq'], options);
  spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'nats-server'], options);
  const installed = findNatsServer();
  if (!installed)
    throw new Error(`nats-server is missing and could not be installed. Run: ${line}`);
  return installed;
}
