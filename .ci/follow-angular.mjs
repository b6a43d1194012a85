// docs/angular.md as its reader follows it: `ng new`, the files and the settings of a section, `ng serve`, and the page in
// Chromium; then the files of the next section over them. The server is one of the kit. What the page installs is
// what `.ci/angular.mjs` has installed into examples/angular. Needs Chromium.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env, execPath, kill } from 'node:process';
import { startFakeManager } from 'codex-rx/testing';
import { launch, openPage } from '../spec/angular/browser/page.mjs';
import { commandsOf, filesOf } from './fences/blocks.mjs';

const root = join(import.meta.dirname, '..');
const packages = join(root, 'examples/angular/node_modules');

const path = 'docs/angular.md';
const text = await readFile(join(root, path), 'utf8');
const section = (title) => text.split(/^## /m).find((part) => part.startsWith(title));
const first = section('From `ng new` to a transcript');
const [create, enter, install, serve, ...more] = commandsOf(first);
assert.deepEqual([enter, install, more], ['cd chat', 'npm install codex-rx', []]);

const manager = await startFakeManager({
  async turn(turn) {
    const command = { itemId: 'item-1', command: 'npm test' };
    const answer = await turn.request('item/commandExecution/requestApproval', command);
    turn.say(`Your answer: ${answer.result.decision}.`);
  },
});
const home = await mkdtemp(join(tmpdir(), 'codex-rx-angular-'));
const chat = join(home, 'chat');
const running = [];
/** The command line has to believe that it is where it is linked: `ng new` refuses to run in a project. */
const outside = {
  node: ['--preserve-symlinks', '--preserve-symlinks-main'],
  options: ['--skip-install', '--skip-git'],
};
let browser;
try {
  await symlink(packages, join(home, 'node_modules'), 'junction');
  const [code] = await once(ng(create, 'npx @angular/cli@21 ', home, outside), 'exit');
  assert.equal(code, 0);
  await writes(first);

  const url = await addressOf(ng(`${serve} --port 0`, 'npx ng ', chat));
  browser = await launch();
  const session = manager.session();
  const turn = manager.startTurn(session, 'Say hello.');
  turn.say('Hello from Codex!');
  turn.complete();
  const { page, complaints } = await openPage(browser, url);
  await page.getByText('Hello from Codex!').waitFor();

  await writes(section('A chat'));
  await page.getByLabel('Message').fill('Run the tests.');
  await page.getByRole('button', { name: 'Send' }).click();
  await page.getByText('npm test').waitFor();
  await page.getByRole('button', { name: 'Accept' }).click();
  await page.getByText('Your answer: accept.').waitFor();
  assert.deepEqual(
    complaints.filter((said) => /^(error|warning)/.test(said)),
    [],
  );
  console.log(`ok      ${path}, followed`);
} finally {
  await browser?.close();
  for (const child of running) if (child.exitCode === null) kill(-child.pid, 'SIGKILL');
  await manager.close();
  await rm(home, { recursive: true, force: true });
}

async function writes(part) {
  for (const [name, code] of filesOf(path, part)) {
    await writeFile(join(chat, name), code.replace('http://127.0.0.1:3001', manager.url));
  }
}

/** Runs a command of the page, which begins with how npx finds the Angular CLI. */
function ng(command, npx, cwd, { node = [], options = [] } = {}) {
  assert.ok(command.startsWith(npx), `${command} is not run by ${npx}`);
  const cli = join(home, 'node_modules/@angular/cli/bin/ng.js');
  const args = [...node, cli, ...command.slice(npx.length).split(' '), ...options];
  const child = spawn(execPath, args, {
    cwd,
    env: { ...env, NG_CLI_ANALYTICS: 'false', NG_BUILD_MAX_WORKERS: '1', NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 2],
    detached: true,
  });
  running.push(child);
  return child;
}

/** Where it serves the page, once it does. */
function addressOf(child) {
  let printed = '';
  return new Promise((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (part) => {
      printed += part;
      const [found] = /http:\/\/localhost:\d+/.exec(printed) ?? [];
      if (found) resolve(found);
    });
    child.once('exit', () => reject(new Error(`It serves nothing:\n${printed}`)));
  });
}
