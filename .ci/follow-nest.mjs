// docs/nest.md as its reader follows it: its files in an empty folder, with the packages that it names, built by its
// settings. Its application runs, then one with every controller and service of the page, then its test. The server is
// one of the kit. `.ci/nest.mjs` has installed the packages into examples/nest.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { env, execPath } from 'node:process';
import { startAgent } from '../examples/nest/agent.mjs';
import { commandsOf, filesOf } from './fences/blocks.mjs';

const root = join(import.meta.dirname, '..');
const page = 'docs/nest.md';
const text = await readFile(join(root, page), 'utf8');
const files = filesOf(page, text);

const home = await mkdtemp(join(tmpdir(), 'codex-rx-nest-'));
const { agent, ask } = await startAgent();
const running = [];
const address = /http:\/\/127\.0\.0\.1:\d+/;
try {
  await write('package.json', '{ "type": "module" }');
  await install();
  for (const [name, code] of files) await write(name, local(code));
  await write('src/all.ts', local(withAll()));
  await ended(start(['node_modules/typescript/bin/tsc']));
  await runsTheApplication();
  await runsTheOthers();
  await ended(start(['--test', 'dist/tools.test.js']));
  console.log(`ok      ${files.length} files of ${page}, followed`);
} finally {
  for (const { child } of running) child.kill('SIGKILL');
  await agent.close();
  await rm(home, { recursive: true, force: true });
}

/** The file with the addresses of this run, and nothing else changed: it takes a free port, and says which. */
function local(code) {
  return code
    .replace('http://127.0.0.1:3001', agent.url)
    .replace('listen(3000)', "listen(0, '127.0.0.1'); console.log(await app.getUrl())");
}

/** The packages that the page lets its reader install, and what only they find. */
async function install() {
  for (const line of commandsOf(text).filter((command) => command.startsWith('npm install '))) {
    for (const name of line.split(' ').filter((word) => !/^(npm|install|--.*)$/.test(word))) {
      await mkdir(dirname(join(home, 'node_modules', name)), { recursive: true });
      const installed = join(root, 'examples/nest/node_modules', name);
      await symlink(installed, join(home, 'node_modules', name), 'junction');
    }
  }
}

/** The application of the page, with all the classes that the page shows. */
function withAll() {
  const imports = [];
  const classes = { Controller: [], Injectable: [] };
  for (const [name, code] of files) {
    for (const [, kind, exported] of code.matchAll(
      /@(Controller|Injectable)\([^]*?\nexport class (\w+)/g,
    )) {
      classes[kind].push(exported);
      imports.push(
        `import { ${exported} } from '${name.replace('src/', './').replace('.ts', '.js')}';`,
      );
    }
  }
  assert.ok(classes.Controller.length > 5 && classes.Injectable.length > 1, 'the page has less');
  const [, main] = files.find(([name]) => name === 'src/main.ts');
  return main
    .replace(/import .* from '\.\/.*\n/g, `${imports.join('\n')}\n`)
    .replace(
      /controllers: \[.*\]/,
      `controllers: [${classes.Controller.join()}], providers: [${classes.Injectable.join()}]`,
    );
}

async function runsTheApplication() {
  const connected = agent.connected();
  const app = start(['dist/main.js']);
  await app.prints(/Nest application successfully started/);
  // `listen` waits for no connection.
  await connected;
  agent.startTurn(agent.session(), 'Say hello.').complete();
  await app.prints(/turn\S* of \S+ is completed/);
  await endsOn('SIGTERM', app);
}

async function runsTheOthers() {
  const app = start(['dist/all.js']);
  await app.prints(/Nest application successfully started/);
  await app.prints(address);
  const [url] = address.exec(app.printed());
  const pages = await Promise.all(['/turns', '/events'].map((path) => open(url, path)));
  await until(
    async () => (await (await fetch(`${url}/health/ready`)).json()).codex.status === 'up',
  );
  await ask('npm test');
  for (const opened of pages) await opened.has(/^data: .*turn/m);
  await app.prints(/\S+ has begun[^]*app_server\.turn\.completed \S+/);
  await app.prints(/There is no such customer\./);
  const thread = agent.session();
  const call = { callId: 'c', tool: 'weather', arguments: { city: 'Paris' } };
  const { result } = await agent.request(thread, 'item/tool/call', call);
  assert.match(result.contentItems[0].text, /Sunny in .*Paris/);
  const turn = agent.startTurn(thread, 'Change something.');
  turn.notify('turn/diff/updated', { diff: '+ one line' });
  await until(async () => (await readFile(join(home, 'turn.diff'), 'utf8')) === '+ one line');
  await endsOn('SIGTERM', app);
}

async function open(url, path) {
  const response = await fetch(url + path, { signal: AbortSignal.timeout(20_000) });
  assert.equal(response.status, 200, path);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let read = '';
  return {
    async has(pattern) {
      while (!pattern.test(read)) {
        const { value, done } = await reader.read();
        assert.ok(!done, `${path} ends with ${read}`);
        read += value;
      }
    },
  };
}

function start(args) {
  const settings = { cwd: home, env: { ...env, NO_COLOR: '1' } };
  const child = spawn(execPath, args, { ...settings, stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  for (const output of [child.stdout, child.stderr]) {
    output.setEncoding('utf8').on('data', (part) => (printed += part));
  }
  const exited = once(child, 'exit');
  const prints = (pattern) =>
    until(() => pattern.test(printed)).catch(() => {
      throw new Error(`${args.join(' ')} does not print ${pattern}:\n${printed}`);
    });
  const started = { child, exited, prints, printed: () => printed };
  running.push(started);
  return started;
}

async function ended({ exited, printed }) {
  const [code] = await exited;
  assert.equal(code, 0, printed());
}

async function endsOn(signal, { child, exited, printed }) {
  child.kill(signal);
  const [code, by] = await exited;
  assert.equal(code ?? by, signal, printed());
}

/** Resolves when it is so; rejects after 20 s. */
async function until(isSo) {
  for (let time = 0; time < 400; time++) {
    if (await Promise.resolve(isSo()).catch(() => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`Not in 20 s: ${isSo}`);
}

async function write(name, code) {
  await mkdir(dirname(join(home, name)), { recursive: true });
  await writeFile(join(home, name), code);
}
