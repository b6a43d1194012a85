// The documentation as a stranger reads it: installs the packed package into an empty folder outside of this one, as
// the pages say, and follows them there: each file as it stands, each command of their shell blocks, with the kit's
// servers behind them. Then the same without a server, without codex, with a slow model, on a full disk: each does what
// the page says, or says why not. Run `npm run build` and `npm run inspector:build` first. `.ci/angular.mjs` and
// `.ci/nest.mjs` follow the pages about frameworks.

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, openSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { argv, env, execPath, exit, kill, platform } from 'node:process';
import { promisify } from 'node:util';
import ts from 'typescript';
import { blocksOf, commandsOf } from './fences/blocks.mjs';
import { pack } from './pack.mjs';

const run = promisify(execFile);
/** Part of the titles of the scenes to play. */
const only = argv[2] ?? '';
const root = join(import.meta.dirname, '..');
const shell = platform === 'win32';

const guides = ['start', 'skills', 'state', 'recordings', 'command-line', 'inspector'];
const pages = ['README.md', ...guides.map((name) => `docs/${name}.md`)];
const texts = await Promise.all(pages.map((page) => readFile(join(root, page), 'utf8')));
const blocks = pages.flatMap((page, i) => blocksOf(page, texts[i]));
const commands = [...new Set(texts.flatMap(commandsOf))];
/** The block of these pages that has this line, as JavaScript, with parts of it replaced. */
function example(line, replaced = {}) {
  const found = blocks.filter(({ text }) => text.includes(line));
  if (found.length !== 1) throw new Error(`${found.length} examples have ${line}`);
  let code = found[0].text;
  for (const [part, by] of Object.entries(replaced)) {
    if (!code.includes(part)) throw new Error(`the example with ${line} has no ${part}`);
    code = code.replace(part, () => by);
  }
  const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 };
  return ts.transpileModule(code, { compilerOptions }).outputText;
}

/** The same block as the file that its page tells the reader to save: nothing of it is changed. */
function saved(name, line) {
  const { path, text } = blocks.find((block) => block.text.includes(line)) ?? {};
  if (!texts[pages.indexOf(path)]?.includes(`\`${name}\``)) throw new Error(`no ${name}: ${line}`);
  return { file: [name, text], line: `node ${name}` };
}

const followed = new Set();
/** A command of these pages as it stands, but for the port, which belongs to a server of the kit. */
function follows(line, scene) {
  followed.add(line);
  if (!commands.includes(line)) throw new Error(`no page has the command ${line}`);
  return { title: `${line}`, line, ...scene };
}

const home = await mkdtemp(join(tmpdir(), 'codex-rx-stranger-'));
/** Nothing listens there, and no browser or `fetch` refuses to ask. */
const nowhere = 'http://127.0.0.1:2';
const cli = join(home, 'node_modules', 'codex-rx', 'dist', 'esm', 'cli', 'main.js');
const demo = join(dirname(cli), 'demo.jsonl');

/** Node in a PATH that has nothing else, but for a browser that opens nothing. */
const withoutCodex = join(home, 'bin');

const appServerExample = "stream.call('turn/start', { threadId: thread.id";
const slowServer = `
  import { startFakeAppServer } from 'codex-rx/testing';
  const server = await startFakeAppServer({
    turn: async (turn) => {
      await new Promise((resolve) => setTimeout(resolve, 3_000));
      turn.say('Hello, at last.');
    },
  });
`;
const managerServer = `
  import { notification, startStreamServer } from 'codex-rx/testing';
  const server = await startStreamServer();
  setInterval(() => server.send(notification('item/agentMessage/delta', { delta: 'x'.repeat(4_000) })), 1);
  process.stdout.write(server.url);
`;
const agent = `
  import { startFakeManager } from 'codex-rx/testing';
  const server = await startFakeManager({ turn: (turn) => turn.say('Hello from Codex!') });
  const [thread, other] = [server.session(), server.session()];
  setInterval(() => {
    const turn = server.startTurn(other, 'Say hello.');
    turn.say('Hello from another thread!');
    turn.complete();
  }, 100);
  console.log(server.url, thread);
`;
const url = 'http://127.0.0.1:3001';
const served = ['--input-type=module', '--eval', managerServer];

/** Each with what it prints and how it ends; `until` ends what goes on, as Ctrl-C does. */
const scenes = [
  {
    title: 'the first example prints what the README says',
    ...saved('agent.mjs', 'const server = await startStreamServer(); // stands in'),
    out: /^Hello from Codex!\nThe turn is completed\.\n$/,
    ends: 0,
  },
  {
    title: 'the example of approvals prints what the README says',
    ...saved('approvals.mjs', 'policy(rules)'),
    out: /^The commandExecution is answered, by the policy\.\n$/,
    ends: 0,
  },
  {
    title: 'the example of skills lets the agent read both results',
    ...saved('weather.mjs', 'defineSkill({'),
    out: /"text": "Sunny in Paris\."[^]*"success": true[^]*city: [^]*"success": false/,
    ends: 0,
  },
  {
    title: 'the example that listens prints what the agent says',
    code: example('await stream.connect({ timeout: 5_000 });'),
    out: /Hello from another thread!/,
    until: /thread!/,
  },
  {
    title: 'the example that sends a message prints the answer',
    code:
      `import { connectManager } from 'codex-rx';\n` +
      `const threadId = process.env.THREAD;\nconst stream = connectManager({ url: '${url}' });\n` +
      example('What changed today?') +
      'await stream.close();',
    out: /^Hello from Codex!\n$/,
    ends: 0,
  },
  {
    title: 'the example of a transcript prints it',
    code: example('threadState(stream, threadId, { every: 16 })'),
    out: /agentMessage: Hello from Codex!/,
    ends: 0,
  },
  {
    title: 'the example that asks prints the answer',
    code: example('You asked: '),
    out: /^You asked: What is this\? \(completed, by event\)\n$/,
    ends: 0,
  },
  {
    title: 'the example of a dashboard prints who waits first',
    code: example('const threads$ = threadList('),
    out: /^\S+ · waiting · commandExecution\n\S+ · running\n$/,
    ends: 0,
  },
  follows('npx codex-rx demo', { out: /events received, 0 malformed, of \d+ types/, ends: 0 }),
  follows(`npx codex-rx tail ${url}`, { out: /Hello from another thread!/, until: /thread!/ }),
  follows(`npx codex-rx tail ${url} --json --prefix app_server.item. > items.jsonl`, {
    writes: ['items.jsonl', /^\{"type":"app_server\.item\./],
  }),
  follows(`npx codex-rx send ${url} --thread "$THREAD" "Say hello."`, {
    out: /^Hello from Codex!\n$/,
    ends: 0,
  }),
  follows(`npx codex-rx record ${url} --out session.jsonl`, {
    writes: ['session.jsonl', /^\{"recording":"codex-rx"[^]*Hello from another thread!/],
    err: /lines, .* in session\.jsonl/,
  }),
  follows('npx codex-rx replay session.jsonl --speed 10', { out: /another thread!/, ends: 0 }),
  follows('npx codex-rx replay session.jsonl --port 3001', {
    out: /http:\/\/127\.0\.0\.1:\d+/,
    until: /http:/,
  }),
  ...[url, 'session.jsonl --speed 4'].map((what) =>
    follows(`npx codex-rx inspect ${what}`, { out: /The inspector of .*http:/, until: /http:/ }),
  ),
  {
    title: 'without a server, the first example says so, and goes on trying',
    code: example('const server = await startStreamServer(); // stands in', {
      'url: server.url': `url: '${nowhere}'`,
    }),
    err: /cannot be reached: connect ECONNREFUSED/,
    until: /ECONNREFUSED/,
  },
  {
    title: 'without a server, connect({ timeout }) rejects with the last failure as its cause',
    code: `
      import { connectManager } from 'codex-rx';
      const stream = connectManager({ url: '${nowhere}', log: false });
      await stream.connect({ timeout: 1_000 }).catch(({ cause }) => console.log(String(cause)));
      console.log(stream.status$ === undefined ? '' : 'goes on');
      await stream.close();
    `,
    out: /ECONNREFUSED[^]*goes on/,
    ends: 0,
  },
  ...['tail', 'record'].map((command) => ({
    title: `without a server, codex-rx ${command} says so`,
    command: [cli, command, nowhere],
    err: new RegExp(`codex-rx: cannot ${command} .*ECONNREFUSED`),
    ends: 1,
  })),
  {
    title: 'without codex installed, the example of codex app-server says what to do',
    code: example(appServerExample),
    env: { PATH: withoutCodex },
    err: /"codex" was not found: install it or give "command"/,
    ends: 1,
  },
  {
    title: 'with a slow model, the example of codex app-server prints its text when it comes',
    code:
      slowServer +
      example(appServerExample, { 'connectAppServer()': 'connectAppServer({ url: server.url })' }),
    out: /Hello, at last\./,
    until: /last\./,
  },
  {
    title: 'codex-rx tail shows what codex-rx replay serves, as lines of JSON',
    serving: [cli, 'replay', demo, '--port', '0', '--speed', 'max'],
    command: (url) => [cli, 'tail', url, '--json', '--prefix', 'app_server.item.'],
    out: /^\{"type":"app_server\.item\.[^\n]+\n/,
    until: /\n/,
    ends: 0,
  },
  {
    title: 'without codex installed, codex-rx inspect -- codex app-server says what to do',
    command: [cli, 'inspect', '--no-open', '--', 'codex', 'app-server'],
    env: { PATH: withoutCodex },
    err: /cannot inspect codex: .*"codex" was not found: install it/,
    ends: 1,
  },
  ...['replay', 'inspect'].flatMap((name) => [
    {
      title: `codex-rx ${name} says what is wrong with a file that is no recording`,
      command: [cli, name, 'package.json'],
      err: new RegExp(`^codex-rx: cannot ${name} package\\.json: Line 1 of the recording`),
      ends: 1,
    },
    {
      title: `codex-rx ${name} says that there is no such recording`,
      command: [cli, name, 'nowhere.jsonl'],
      err: /nowhere\.jsonl/,
      ends: name === 'inspect' ? 2 : 1,
    },
  ]),
  {
    title: 'codex-rx replay --json | head -1 is no failure',
    command: [cli, 'replay', demo, '--speed', 'max', '--json'],
    reads: 'the first chunk',
    out: /^\{/,
    ends: 0,
  },
];
/** What needs a checkout, a network or a real codex. */
const elsewhere = /^(npm|npx codex-rx inspect (unix:|--))/;
const unfollowed = commands.filter((line) => !followed.has(line) && !elsewhere.test(line));
if (unfollowed.length > 0) throw new Error(`nothing follows ${unfollowed.join(', ')}`);

/** What needs `/dev/full`, which takes nothing. */
const intoNothing = () =>
  [['--help'], ['demo'], ['replay', demo, '--speed', 'max'], ['replay', demo, '--port', '0']].map(
    (args) => ({
      title: `codex-rx ${args[0]} ${args.includes('--port') ? '--port ' : ''}> /dev/full says so and ends`,
      command: [cli, ...args],
      to: '/dev/full',
      err: /^codex-rx: cannot write to stdout: ENOSPC[^\n]*\n$/,
      ends: 1,
    }),
  );

/** What needs a disk that is full. */
const onFullDisk = async (disk) => [
  {
    title: 'on a full disk, codex-rx record says so and ends',
    serving: served,
    command: (url) => [cli, 'record', url, '--out', join(disk, 'session.jsonl')],
    err: /codex-rx: .*ENOSPC/,
    ends: 1,
  },
  {
    title: 'on a full disk, the example of recordings says so, and its stream goes on',
    code:
      managerServer.replace('process.stdout.write(server.url);', 'const { url } = server;') +
      'const show = () => undefined;\n' +
      example("writeRecordingFile('session.jsonl')", {
        "writeRecordingFile('session.jsonl')": `writeRecordingFile('${join(disk, 'b.jsonl')}')`,
        "replay(readRecordingFile('session.jsonl'), { speed: 10 }).subscribe(show);": `
          let events = 0;
          stream.events$.subscribe(() => ++events === 2_000 && console.log('2,000 events'));`,
      }),
    out: /2,000 events/,
    err: /ENOSPC/,
    until: /2,000 events/,
  },
];

const failed = [];
const agents = [];
let agentUrl = url;
let disk;
try {
  await writeFile(join(home, 'package.json'), '{ "private": true, "type": "module" }');
  await mkdir(withoutCodex);
  await symlink(execPath, join(withoutCodex, 'node'));
  await writeFile(join(withoutCodex, 'xdg-open'), '#!/bin/sh\n', { mode: 0o755 });
  const install = ['install', '--no-audit', '--no-fund', '--no-package-lock'];
  const packages = commands.filter((line) => line.startsWith('npm install ')).join(' ');
  const named = new Set(
    packages.split(' ').filter((name) => !/^(npm|install|codex-rx)$/.test(name)),
  );
  await run('npm', [...install, await pack(home), ...named], { cwd: home, shell });
  const [said] = await once(start({ code: agent }, agents).stdout, 'data');
  [agentUrl, env.THREAD] = String(said).trim().split(' ');
  if (existsSync('/dev/full')) scenes.push(...intoNothing());
  disk = await fullDisk();
  if (disk) scenes.push(...(await onFullDisk(disk)));
  else
    console.log('left out  what needs a full disk: no file system of 64 KiB can be mounted here');
  for (const scene of scenes) if (scene.title.includes(only)) await plays(scene);
} finally {
  for (const child of agents) child.kill('SIGKILL');
  if (disk) await run('umount', [disk]);
  await rm(home, { recursive: true, force: true });
}
if (failed.length > 0) exit(1);

async function plays({ title, serving, command, out, err, ends, until, reads, ...scene }) {
  const running = [];
  try {
    const [said = ''] = serving
      ? await once(start({ command: serving }, running).stdout, 'data')
      : [];
    const [served] = String(said).match(/http:\S+/) ?? [];
    if (scene.file) await writeFile(join(home, scene.file[0]), scene.file[1]);
    const child = start({ ...scene, command: served ? command(served) : command }, running);
    const printed = { out: '', err: '' };
    const over = once(child, 'close');
    for (const [name, output] of [
      ['out', child.stdout],
      ['err', child.stderr],
    ]) {
      output?.setEncoding('utf8').on('data', (text) => {
        printed[name] += text;
        if (reads && name === 'out') output.destroy();
        if (until?.test(printed[name]) && (!err || err.test(printed.err))) end(child);
      });
    }
    const written = scene.writes && whenWritten(...scene.writes).then(() => end(child));
    const late = setTimeout(() => end(child, 'SIGKILL'), 60_000);
    const [exitCode, signal] = await over;
    clearTimeout(late);
    await written;
    const wrong = [];
    if (out && !out.test(printed.out)) wrong.push(`it does not print ${out}`);
    if (err && !err.test(printed.err)) wrong.push(`it does not report ${err}`);
    if (!err && printed.err !== '') wrong.push('it reports something');
    // Which of these a shell and npx make of Ctrl-C is theirs.
    const expected = ends === undefined ? (scene.line ? ['SIGINT', 130, 0] : ['SIGTERM']) : [ends];
    const ended = signal ?? exitCode;
    if (!expected.includes(ended)) wrong.push(`it ends with ${ended}, not ${expected[0]}`);
    if (wrong.length === 0) return console.log(`ok      ${title}`);
    throw new Error([...wrong, printed.out, printed.err].join('\n'));
  } catch (error) {
    failed.push(title);
    console.log(`FAILED  ${title}\n${error.message}`);
  } finally {
    for (const child of running) end(child, 'SIGKILL');
  }
}

/** Resolves when there is such a text in a file; rejects if it is not there in 30 s. */
async function whenWritten(name, pattern) {
  for (let time = 0; time < 300; time++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    const text = await readFile(join(home, name), 'utf8').catch(() => '');
    if (pattern.test(text)) return;
  }
  throw new Error(`${name} has no ${pattern}`);
}

/** Ends it, once: a second signal ends a command that is about to end by itself. In a shell, as Ctrl-C does. */
function end(child, signal) {
  if ((child.exitCode ?? child.signalCode) !== null || (child.wasEnded && !signal)) return;
  child.wasEnded = true;
  if (!child.isShell) child.kill(signal ?? 'SIGTERM');
  else kill(-child.pid, signal ?? 'SIGINT');
}

function start({ line, code = '', command, to, env: own = {} }, running) {
  const local = (text) => text.replaceAll(url, agentUrl).replace('--port 3001', '--port 0');
  const args = command ?? ['--input-type=module', '--eval', local(code)];
  const path = [...(line ? [withoutCodex] : []), dirname(execPath), env.PATH].join(delimiter);
  const bare = { HOME: home, PATH: path, NO_COLOR: '1', npm_config_update_notifier: 'false' };
  const settings = {
    cwd: home,
    env: { ...bare, THREAD: env.THREAD, ...own },
    stdio: ['pipe', to ? openSync(to, 'w') : 'pipe', 'pipe'],
  };
  const child = line
    ? spawn(local(line), { ...settings, shell: true, detached: true })
    : spawn(execPath, args, settings);
  child.isShell = line !== undefined;
  running.push(child);
  return child;
}

/** A file system with room for 64 KiB; `null` where it cannot be mounted. */
async function fullDisk() {
  const folder = join(home, 'disk');
  await mkdir(folder);
  try {
    await run('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder]);
    return folder;
  } catch {
    return null;
  }
}
