// The real codex, for what only it can tell: its own schema, and how it behaves in integration tests.
//
//   node .ci/codex-binary.mjs            prints the path of the binary
//   node .ci/codex-binary.mjs 0.107.0    that of another version
//
// It is fetched on demand with the npm client into a cache outside the project: it is several hundred
// megabytes large, and nobody who merely installs codex-rx should pay for that.

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { argv, env, platform, arch } from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { current, mustBeVersion } from './codex-versions.mjs';

const run = promisify(execFile);

/** Returns the path of the codex binary for this platform; fetches it first if the cache is empty. */
export async function codexBinary(version = current) {
  mustBeVersion(version);
  const caches = env.XDG_CACHE_HOME || join(homedir(), '.cache');
  const cache = join(caches, `codex-rx-codex-${version}`);
  if (!existsSync(cache)) await fetchInto(cache, caches, version);
  return findBinary(cache, version);
}

/** Installs beside the cache and renames: a broken or concurrent download never looks like a full one. */
async function fetchInto(cache, caches, version) {
  await mkdir(caches, { recursive: true });
  const download = await mkdtemp(`${cache}.`);
  const what = ['install', `@openai/codex@${version}`, '--include=optional', '--ignore-scripts'];
  const quiet = ['--no-save', '--no-package-lock', '--no-audit', '--no-fund'];
  try {
    // Without a prefix npm would install into the nearest parent that has a package.json.
    await run('npm', [...what, ...quiet, '--prefix', '.'], {
      cwd: download,
      shell: platform === 'win32',
    });
    await findBinary(download, version);
    await rename(download, cache).catch((error) => {
      if (!existsSync(cache)) throw error;
    });
  } finally {
    await rm(download, { recursive: true, force: true });
  }
}

/**
 * The native binary and not the npm wrapper around it: a SIGKILL of the wrapper orphans the server.
 */
async function findBinary(directory, version) {
  const vendor = join(directory, 'node_modules', '@openai', `codex-${platform}-${arch}`, 'vendor');
  const name = platform === 'win32' ? 'codex.exe' : 'codex';
  for (const target of existsSync(vendor) ? await readdir(vendor) : []) {
    // Until 0.107 or later it was in a directory called codex.
    for (const inside of ['bin', 'codex']) {
      const binary = join(vendor, target, inside, name);
      if (existsSync(binary)) return binary;
    }
  }
  throw new Error(
    `No codex ${version} binary for ${platform}-${arch} in ${directory}. ` +
      'Delete that directory to fetch it again.',
  );
}

if (argv[1] === fileURLToPath(import.meta.url)) console.log(await codexBinary(argv[2]));
