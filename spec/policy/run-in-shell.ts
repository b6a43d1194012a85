import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Each shell runs every command in a folder of its own. What fails to parse does nothing, and a program
 * that is not there counts as `mark`. Functions instead of programs: a process would take long.
 */
const drivers = {
  bash: [
    '--norc',
    '-c',
    `mark() { : > "$HERE/marked"; }; command_not_found_handle() { mark; }
    for name in $PROGRAMS; do eval "$name() { :; }"; done
    for HERE in "$0"/[0-9]*; do (echo "$HERE"; cd "$HERE/in"; read -rd "" text < ../text; eval "$text"); done`,
  ],
  zsh: [
    '-f',
    '-c',
    `mark() { : > "$HERE/marked" }; command_not_found_handler() { mark }
    for name in \${=PROGRAMS}; do eval "$name() { : }"; done
    for HERE in $0/[0-9]*; do (echo $HERE; cd $HERE/in; read -rd "" text < ../text; eval "$text"); done`,
  ],
  fish: [
    '--no-config',
    '-c',
    `function mark; echo > $HERE/marked; end; function fish_command_not_found; mark; end
    for name in (string split ' ' $PROGRAMS); eval "function $name; end"; end
    for HERE in $argv[1]/0*
      set -gx HERE $HERE; echo $HERE; cd $HERE/in; and read -z text < ../text; and eval $text
    end`,
  ],
} as const;

export type Shell = keyof typeof drivers;

export const shells = Object.keys(drivers) as readonly Shell[];

/** How many commands one process runs, and how long: more means that one of them hangs. */
const batch = 100;
const patience = 60_000;

/** What is in the folders before. */
const prepared = ['in', 'text', 'run', 'gradlew', 'bash', 'sh', 'tools'];

/** Programs of the corpus. They do nothing. */
const programs = ['ls', 'git', 'npm', 'npx', 'node', 'make', 'cargo', 'cat', 'sed', 'true', 'bash'];

/** Which commands ran `mark` or a program that nobody knows, or made or changed a file. */
export async function runInShell(
  shell: Shell,
  commands: readonly string[],
): Promise<readonly boolean[]> {
  if (commands.length > batch) {
    const first = await runInShell(shell, commands.slice(0, batch));
    return [...first, ...(await runInShell(shell, commands.slice(batch)))];
  }
  const root = mkdtempSync(join(tmpdir(), 'codex-rx-shell-'));
  try {
    const folders = prepare(root, commands);
    await run(shell, root);
    return folders.map((folder) =>
      [folder, join(folder, 'in')].some((path) =>
        readdirSync(path).some((name) => !prepared.includes(name)),
      ),
    );
  } finally {
    rmSync(root, { recursive: true });
  }
}

function prepare(root: string, commands: readonly string[]): readonly string[] {
  const bin = join(root, 'bin');
  mkdirSync(bin);
  const program = (path: string, script: string) => {
    writeFileSync(path, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
  };
  // For what asks for a program and takes no function.
  program(join(bin, 'mark'), ': > "$PWD/marked"');
  return commands.map((text, at) => {
    const folder = join(root, String(at).padStart(5, '0'));
    mkdirSync(join(folder, 'in', 'tools'), { recursive: true });
    writeFileSync(join(folder, 'text'), text);
    if (!/[/]/.test(text)) return folder;
    for (const name of ['sh', 'bash', 'tools/zsh']) program(join(folder, 'in', name), 'mark');
    for (const name of ['run', 'in/gradlew']) program(join(folder, name), ':');
    return folder;
  });
}

/** Resolves when the shell and all that it has started have ended. */
async function run(shell: Shell, root: string): Promise<void> {
  const env = { PATH: join(root, 'bin'), HOME: root, PROGRAMS: programs.join(' ') };
  const path = ['/bin', '/usr/bin'].map((folder) => join(folder, shell)).find(existsSync);
  if (path === undefined) {
    throw new Error(`This spec runs ${shell}: apt-get install -y bash zsh fish`);
  }
  const child = spawn(path, [...drivers[shell], root], {
    stdio: ['ignore', 'pipe', 'ignore'],
    cwd: root,
    env,
    // A process group: what hangs is ended with all that it has started.
    detached: true,
  });
  let last = '';
  child.stdout.on(
    'data',
    (text: Buffer) => (last = text.toString().trim().split('\n').at(-1) ?? last),
  );
  const ended = { late: false };
  const timer = setTimeout(() => {
    ended.late = true;
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  }, patience);
  // Its output closes when the last process that holds it has ended.
  await once(child, 'close');
  clearTimeout(timer);
  if (ended.late) throw new Error(`${shell} hangs at ${readFileSync(join(last, 'text'), 'utf8')}`);
}
