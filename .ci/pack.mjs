// Packs what is built: the tarball that `npm publish` would send.

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { platform } from 'node:process';
import { promisify } from 'node:util';

/** Resolves with the path of the tarball. */
export async function pack(folder) {
  const { stdout } = await promisify(execFile)(
    'npm',
    ['pack', '--json', '--ignore-scripts', '--pack-destination', folder],
    // It names every file.
    {
      cwd: join(import.meta.dirname, '..'),
      shell: platform === 'win32',
      maxBuffer: 2 ** 26,
    },
  );
  return join(folder, JSON.parse(stdout)[0].filename);
}
