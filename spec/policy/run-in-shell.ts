import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** One process runs all commands, each in a folder of its own; what fails to parse is skipped. */
const drivers = {
  bash: [
    '--norc',
    '-c',
    'for d in "$0"/[0-9]*; do (cd "$d/in"; eval "$(cat ../text)"); done; wait',
  ],
  zsh: ['-f', '-c', 'for d in $0/[0-9]*; do (cd $d/in; eval "$(cat ../text)"); done; wait'],
  fish: [
    '--no-config',
    '-c',
    'for text in $argv[1]/*/text; cd (dirname $text)/in; eval (cat ../text | string collect); end; wait',
  ],
} as const;

export type Shell = keyof typeof drivers;

export const shells = Object.keys(drivers) as readonly Shell[];

/** Which commands ran `mark`, or made a file. */
export async function runInShell(
  shell: Shell,
  commands: readonly string[],
): Promise<readonly boolean[]> {
  const root = mkdtempSync(join(tmpdir(), 'codex-rx-shell-'));
  const bin = join(root, 'bin');
  mkdirSync(bin);
  const program = (path: string, script: string) => {
    writeFileSync(path, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
  };
  // `cat` and `true` are those of the system; the commands of the corpus do nothing.
  program(join(bin, 'mark'), ': > "$PWD/marked"');
  for (const name of ['ls', 'git', 'npm', 'npx', 'node', 'make', 'cargo'])
    program(join(bin, name), ':');
  const folders = commands.map((text, at) => {
    const folder = join(root, String(at).padStart(5, '0'));
    mkdirSync(join(folder, 'in', 'tools'), { recursive: true });
    writeFileSync(join(folder, 'text'), text);
    writeFileSync(join(folder, 'in', 'a'), '');
    for (const name of ['sh', 'bash', 'tools/zsh']) program(join(folder, 'in', name), 'mark');
    return folder;
  });
  const child = spawn(shell, [...drivers[shell], root], {
    stdio: 'ignore',
    timeout: 60_000,
    cwd: root,
    env: { PATH: `${bin}:/usr/bin:/bin`, HOME: root },
  });
  await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  const known = ['a', 'bash', 'sh', 'tools'];
  const harmed = folders.map((folder) =>
    readdirSync(join(folder, 'in')).some((name) => !known.includes(name)),
  );
  rmSync(root, { recursive: true });
  return harmed;
}
