// The documentation as a stranger reads it: installs the packed package into an empty folder outside of this one, and
// runs the examples and commands of README and docs there: as they stand, without a server, without codex, with a slow model, on a
// full disk. Each does what the README says, or says why not. Run `npm run build` first.

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, openSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { argv, env, execPath, exit, platform } from 'node:process';
import { promisify } from 'node:util';
import ts from 'typescript';
import { blocksOf } from './fences/blocks.mjs';
import { pack } from './pack.mjs';

const run = promisify(execFile);
/** Part of the titles of the scenes to play. */
const only = argv[2] ?? '';
const root = join(import.meta.dirname, '..');
const shell = platform === 'win32';

const pages = ['README.md', 'docs/start.md', 'docs/skills.md', 'docs/recordings.md'];
const blocks = [];
for (const page of pages) {
  blocks.push(...blocksOf(page, await readFile(join(root, page), 'utf8')));
}
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

const home = await mkdtemp(join(tmpdir(), 'codex-rx-stranger-'));
const free = await freePort();
const nowhere = `http://127.0.0.1:${free}`;
const cli = join(home, 'node_modules', 'codex-rx', 'dist', 'esm', 'cli', 'main.js');
const demo = join(dirname(cli), 'demo.jsonl');

/** Node in a PATH that has nothing else. */
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
const served = ['--input-type=module', '--eval', managerServer];

/** Each with what it prints and how it ends; `until` ends what goes on, as Ctrl-C does. */
const scenes = [
  {
    title: 'the first example prints what the README says',
    code: example('const server = await startStreamServer(); // stands in'),
    out: /^Hello from Codex!\nThe turn is completed\.\n$/,
    ends: 0,
  },
  {
    title: 'the example of approvals prints what the README says',
    code: example('policy(rules)'),
    out: /^The commandExecution is answered, by the policy\.\n$/,
    ends: 0,
  },
  {
    title: 'the example of skills lets the agent read both results',
    code: example('defineSkill({'),
    out: /"text": "Sunny in Paris\."[^]*"success": true[^]*city: [^]*"success": false/,
    ends: 0,
  },
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
    err: /cannot inspect codex app-server: .*"codex" was not found: install it/,
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
  {
    title: 'the text of the demo can be piped away',
    command: [cli, 'demo'],
    out: /events received, 0 malformed, of \d+ types/,
    ends: 0,
  },
];

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
let disk;
try {
  await writeFile(join(home, 'package.json'), '{ "private": true, "type": "module" }');
  await mkdir(withoutCodex);
  await symlink(execPath, join(withoutCodex, 'node'));
  const install = ['install', '--no-audit', '--no-fund', '--no-package-lock'];
  await run('npm', [...install, await pack(home), 'rxjs', 'zod'], { cwd: home, shell });
  if (existsSync('/dev/full')) scenes.push(...intoNothing());
  disk = await fullDisk();
  if (disk) scenes.push(...(await onFullDisk(disk)));
  else
    console.log('left out  what needs a full disk: no file system of 64 KiB can be mounted here');
  for (const scene of scenes) if (scene.title.includes(only)) await plays(scene);
} finally {
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
    const [url] = String(said).match(/http:\S+/) ?? [];
    const child = start({ ...scene, command: url ? command(url) : command }, running);
    const printed = { out: '', err: '' };
    const over = once(child, 'close');
    for (const [name, output] of [
      ['out', child.stdout],
      ['err', child.stderr],
    ]) {
      output?.setEncoding('utf8').on('data', (text) => {
        printed[name] += text;
        if (reads && name === 'out') output.destroy();
        // Once: a second signal ends a command that is about to end by itself.
        if (until?.test(printed[name]) && (!err || err.test(printed.err)) && !child.killed) {
          child.kill();
        }
      });
    }
    const late = setTimeout(() => child.kill('SIGKILL'), 60_000);
    const [exitCode, signal] = await over;
    clearTimeout(late);
    const wrong = [];
    if (out && !out.test(printed.out)) wrong.push(`it does not print ${out}`);
    if (err && !err.test(printed.err)) wrong.push(`it does not report ${err}`);
    if (!err && printed.err !== '') wrong.push('it reports something');
    const expected = ends ?? 'SIGTERM';
    const end = signal ?? exitCode;
    if (end !== expected) wrong.push(`it ends with ${end}, not ${expected}`);
    if (wrong.length === 0) return console.log(`ok      ${title}`);
    throw new Error([...wrong, printed.out, printed.err].join('\n'));
  } catch (error) {
    failed.push(title);
    console.log(`FAILED  ${title}\n${error.message}`);
  } finally {
    for (const child of running) child.kill('SIGKILL');
  }
}

function start({ code, command, to, env: own = {} }, running) {
  const args = command ?? ['--input-type=module', '--eval', code];
  const bare = { HOME: home, PATH: [dirname(execPath), env.PATH].join(delimiter), NO_COLOR: '1' };
  const stdio = ['pipe', to ? openSync(to, 'w') : 'pipe', 'pipe'];
  const child = spawn(execPath, args, { cwd: home, env: { ...bare, ...own }, stdio });
  running.push(child);
  return child;
}

/** A port where nothing listens. */
async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
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
