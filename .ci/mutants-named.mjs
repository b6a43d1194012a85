// Mutants that have to fail by name: `npm run mutants -- --named`, or with rooms. A room lists them in
// spec/<room>/mutants.json: what is broken, in which file, by which change of its code, and which of the
// specs of the room has to notice. First each of these specs has to pass without a change.

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { execPath } from 'node:process';

const root = join(import.meta.dirname, '..');
const folder = join(root, 'coverage/mutants-named');

const jestConfig = JSON.stringify({
  rootDir: folder,
  testMatch: ['<rootDir>/*.spec.mjs'],
  testTimeout: 30_000,
  transform: {},
  watchman: false,
});

/** Tries the mutants of rooms, prints what became of them, and returns what is wrong. */
export function tryNamed(rooms) {
  const problems = [];
  const rows = [];
  try {
    for (const room of rooms.filter((name) => existsSync(listOf(name)))) {
      const mutants = JSON.parse(readFileSync(listOf(room), 'utf8'));
      for (const spec of new Set(mutants.map(({ spec }) => spec))) {
        if (!passes(room, spec)) problems.push(`${room}: ${spec} fails without a mutant`);
      }
      for (const { name, spec, ...change } of mutants) {
        const isNoticed = !passes(room, spec, change);
        rows.push({ mutant: name, spec, noticed: isNoticed });
        if (!isNoticed) problems.push(`${room}: no spec of ${spec} notices "${name}"`);
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  console.table(rows);
  console.log(`${rows.filter(({ noticed }) => noticed).length} of ${rows.length} are noticed.`);
  return problems;
}

const listOf = (room) => join(root, `spec/${room}/mutants.json`);

function passes(room, spec, change = null) {
  const outfile = join(folder, `${spec}.spec.mjs`);
  rmSync(folder, { recursive: true, force: true });
  const bundle = [join(import.meta.dirname, 'mutants-bundle.mjs'), room, outfile, spec];
  const bundled = run([...bundle, JSON.stringify(change)]);
  if (bundled.status !== 0) throw new Error(`${JSON.stringify(change)}: ${bundled.stderr}`);
  const jest = join(root, 'node_modules/jest/bin/jest.js');
  const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  return run([...flags, jest, '-c', jestConfig, '--silent', '-i']).status === 0;
}

const run = (args) => spawnSync(execPath, args, { cwd: root, encoding: 'utf8' });
