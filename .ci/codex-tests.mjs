// The specs against the real codex: `npm run test:codex`, with the arguments of jest.
//
//   npm run test:codex -- --codex 0.107.0    on another version than the one the types are of
//
// What a version does not have is listed as skipped, with the version that brought it.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { argv, env, execPath, exit } from 'node:process';
import { fileURLToPath } from 'node:url';
import { mustBeVersion } from './codex-versions.mjs';

const given = argv.slice(2);
const at = given.indexOf('--codex');
const [, version] = at < 0 ? [] : given.splice(at, 2);

const jest = fileURLToPath(new URL('../node_modules/jest/bin/jest.js', import.meta.url));
const config = fileURLToPath(new URL('./jest.codex.config.mjs', import.meta.url));
const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
const child = spawn(execPath, [...flags, jest, '-c', config, ...given], {
  stdio: 'inherit',
  env: { ...env, ...(at >= 0 && { CODEX_VERSION: mustBeVersion(version) }) },
});
const [code] = await once(child, 'exit');
exit(code ?? 1);
