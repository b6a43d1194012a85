import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { Transport, TransportEnd, TransportEvents } from 'codex-rx';
import { openChildProcess, type ChildProcessOptions } from 'codex-rx/node';
import { build } from 'esbuild';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { FrameFilter } from '../../lib/socket/transport.js';
import { until } from '../support/until.js';

jest.setTimeout(30_000);

const closings: (() => unknown)[] = [];
let exitListeners: number;

beforeEach(() => {
  exitListeners = process.listenerCount('exit');
});

afterEach(async () => {
  for (const close of closings.splice(0).reverse()) await close();
  // Nothing is left to do when this process exits.
  await until(() => process.listenerCount('exit') === exitListeners);
});

async function temporary(): Promise<string> {
  const directory = await realpath(await mkdtemp(join(tmpdir(), 'codex-rx-')));
  closings.push(() => rm(directory, { recursive: true }));
  return directory;
}

interface Client {
  readonly link: Transport;
  readonly told: string[];
  readonly ends: TransportEnd[];
  /** Resolves when something that begins so was told. */
  until(beginning: string): Promise<string>;
}

function connect(
  options: ChildProcessOptions,
  { maxFrameBytes = 1_000, ignore = null as FrameFilter | null } = {},
): Client {
  const told: string[] = [];
  const ends: TransportEnd[] = [];
  const waiting: (() => void)[] = [];
  let returned = false;
  const tell = (entry: string) => {
    told.push(returned ? entry : `too early: ${entry}`);
    for (const wake of waiting.splice(0)) wake();
  };
  const events: TransportEvents = {
    opened: () => tell('opened'),
    text: (text) => tell(text),
    ignored: (bytes) => tell(`ignored ${bytes}`),
    fault: (fault, bytes, excerpt) => tell(`${fault} ${bytes} ${excerpt}`),
    ended: (end) => {
      ends.push(end);
      tell(end.kind === 'failed' ? `failed ${String(end.error)}` : JSON.stringify(end));
    },
  };
  const request = { url: 'ignored:', headers: {}, maxFrameBytes, ignore };
  const link = openChildProcess(options)(request, events);
  returned = true;
  closings.push(() => close(link));
  return {
    link,
    told,
    ends,
    async until(beginning) {
      for (;;) {
        const found = told.find((entry) => entry.startsWith(beginning));
        if (found !== undefined) return found;
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
    },
  };
}

/** A process of Node's that runs a script. */
const node = (script: string, ...args: string[]): ChildProcessOptions => ({
  command: process.execPath,
  args: ['-e', script, ...args],
});

const close = (link: Transport) =>
  new Promise<void>((resolve) => {
    link.close(resolve);
  });

/** Lets everything happen that is about to. */
const settle = async () => {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
};

const echo = `process.stdin.on('data', (data) => process.stdout.write(data))`;
const forever = `setInterval(() => {}, 1e9)`;
const deaf = `process.on('SIGTERM', () => {})`;

/** Knows of each process that runs its `script` whether it is alive: by a connection that only it has. */
interface Witness {
  readonly script: string;
  readonly seen: Socket[];
  /** How many are alive. */
  alive(): number;
}

async function witness(): Promise<Witness> {
  const seen: Socket[] = [];
  const living = new Set<Socket>();
  const server = createServer((socket) => {
    seen.push(socket);
    living.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => living.delete(socket));
    socket.resume();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closings.push(() => {
    for (const socket of living) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  return {
    script: `require('net').connect(${port}, '127.0.0.1').on('close', () => process.exit())`,
    seen,
    alive: () => living.size,
  };
}

/** Starts another process of Node's from within one. */
const spawning = (script: string, options: string) =>
  `require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(script)}], ${options})`;

const ownSession = `{ stdio: 'ignore', detached: true }`;

describe('a child process', () => {
  test('speaks in lines, both ways', async () => {
    const client = connect(node(echo));
    client.link.send('too early');
    await client.until('opened');
    client.link.send('{"a":1}');
    client.link.send('no JSON, åäö');
    await client.until('no');
    await close(client.link);
    client.link.send('too late');
    expect(client.told).toEqual(['opened', '{"a":1}', 'no JSON, åäö']);
  });

  test('is codex app-server, found on PATH, unless another is given', async () => {
    const PATH = await temporary();
    await writeFile(join(PATH, 'codex'), '#!/bin/sh\necho "$@"\n', { mode: 0o700 });
    const client = connect({ env: { PATH } });
    await client.until('{');
    expect(client.told.slice(0, 2)).toEqual(['opened', 'app-server']);
  });

  test('has the environment of this process, with what is given over it, and its directory', async () => {
    const cwd = await temporary();
    const outer = { CODEX_RX_A: 'outer', CODEX_RX_B: 'outer', CODEX_RX_C: 'outer' };
    Object.assign(process.env, outer);
    closings.push(() =>
      Object.keys(outer).forEach((name) => Reflect.deleteProperty(process.env, name)),
    );
    const script = `
      const { CODEX_RX_A: a, CODEX_RX_B: b, CODEX_RX_C: c } = process.env;
      console.log([a, b, c, process.cwd(), process.argv[1]].join(' '))`;
    const env = { CODEX_RX_B: 'inner', CODEX_RX_C: undefined };
    const client = connect({ ...node(script, 'arg'), env, cwd });
    await client.until('{');
    expect(client.told[1]).toBe(`outer inner  ${cwd} arg`);
  });

  test('tells of lines that are too long or not wanted, and goes on', async () => {
    const script = `console.log('long '.repeat(20000) + '\\nspam\\r\\n\\nham')`;
    const ignore = { length: 4, test: (head: string) => head === 'spam' };
    const client = connect(node(script), { ignore });
    await client.until('{');
    expect(client.told.slice(1, -1)).toEqual([
      `too-large 100000 ${'long '.repeat(200)}`,
      'ignored 4',
      'ham',
    ]);
  });

  test('has no part in another', async () => {
    const clients = [connect(node(echo)), connect(node(echo))] as const;
    for (const [i, client] of clients.entries()) {
      await client.until('opened');
      client.link.send(`${i}`);
      await client.until(`${i}`);
    }
    await close(clients[0].link);
    clients[1].link.send('still here');
    await clients[1].until('still');
    expect(clients[0].told).toEqual(['opened', '0']);
  });

  test('may write a line of 20 MB', async () => {
    const client = connect(node(`console.log('x'.repeat(20e6))`), { maxFrameBytes: 2 ** 25 });
    expect(await client.until('x')).toHaveLength(20e6);
  });
});

describe('the end of a child process', () => {
  test('comes after all that it wrote, the last line without a newline included', async () => {
    const script = `process.stdout.write('line\\n'.repeat(50000) + 'last')`;
    const client = connect(node(script));
    await client.until('{');
    await settle();
    expect(client.told).toHaveLength(50_003);
    expect(client.told.slice(-2)).toEqual([
      'last',
      '{"kind":"exited","code":0,"signal":null,"stderr":""}',
    ]);
  });

  test('comes after all that it wrote, though nobody had time to read', async () => {
    const client = connect(node(`process.stdout.write('line\\n'.repeat(10000))`));
    await client.until('line');
    const busyUntil = performance.now() + 1_500;
    while (performance.now() < busyUntil);
    await client.until('{');
    expect(client.told).toHaveLength(10_002);
  });

  test('tells the code and what it said, without colours', async () => {
    const script = `console.error('Error: \\x1b[31mbad\\x1b[0m config'); process.exitCode = 3`;
    const client = connect(node(script));
    await client.until('{');
    expect(client.ends).toEqual([
      { kind: 'exited', code: 3, signal: null, stderr: 'Error: bad config\n' },
    ]);
  });

  test.each([
    [0, ''],
    [7, 'bc\ndef\n'],
  ])('keeps the last %i bytes of stderr', async (stderrBytes, stderr) => {
    const script = `console.error('x'.repeat(1e6)); console.error('abc'); console.error('def')`;
    const client = connect({ ...node(script), stderrBytes });
    await client.until('{');
    expect(client.ends).toEqual([expect.objectContaining({ stderr })]);
  });

  test('tells the signal', async () => {
    const client = connect(node(`process.kill(process.pid, 'SIGKILL')`));
    await client.until('{');
    expect(client.ends).toEqual([{ kind: 'exited', code: null, signal: 'SIGKILL', stderr: '' }]);
  });

  test('is the end of what it has started too, which may hold its stdout', async () => {
    const { script, seen, alive } = await witness();
    const child = spawning(`${deaf}; ${script}`, `{ stdio: 'inherit' }`);
    const client = connect({
      ...node(`${child}; process.stdin.on('data', () => process.exit(1))`),
      stopTimeout: 200,
    });
    await until(() => seen.length === 1);
    client.link.send('exit');
    await client.until('{"kind":"exited","code":1');
    await until(() => alive() === 0);
    expect(client.told).toHaveLength(2);
  });

  test('is told though a process that has left its group holds its stdout', async () => {
    const { script, seen, alive } = await witness();
    const child = spawning(script, `{ stdio: 'inherit', detached: true }`);
    const client = connect(
      node(
        `${child}; process.stdin.on('data', () => { process.stdout.write('last'); process.exit(); })`,
      ),
    );
    await until(() => seen.length === 1);
    client.link.send('exit');
    await client.until('{"kind":"exited","code":0');
    expect(client.told.slice(1, -1)).toEqual(['last']);
    await until(() => alive() === 0);
  });

  test('is made if it closes its stdout and lives', async () => {
    const { script, seen, alive } = await witness();
    const closed = node(`${script}; require('fs').closeSync(1)`);
    const client = connect({ ...closed, stopTimeout: 200 });
    await client.until('failed Error: "');
    expect(client.told[1]).toMatch(/node" closed its stdout, and lives$/);
    await until(() => seen.length === 1 && alive() === 0);
    expect(client.told).toHaveLength(2);
  });

  test('is not the end of this process when it has closed its stdin', async () => {
    const script = `require('fs').closeSync(0); console.log('closed'); ${forever}`;
    const client = connect({ ...node(script), stopTimeout: 200 });
    await client.until('closed');
    for (let i = 0; i < 10; i++) {
      client.link.send('x'.repeat(100_000));
      await settle();
    }
    expect(client.told).toEqual(['opened', 'closed']);
  });
});

describe('a process that cannot be started', () => {
  const failure = async (options: ChildProcessOptions) => {
    const client = connect(options);
    await client.until('failed');
    await settle();
    expect(client.told).toHaveLength(1);
    await close(client.link);
    const [end] = client.ends as (TransportEnd & { kind: 'failed' })[];
    return { message: (end!.error as Error).message, permanent: end!.permanent };
  };

  test('is told how to be found', async () => {
    expect(await failure({ env: { PATH: await temporary() } })).toEqual({
      message: '"codex" was not found: install it or give "command"',
      permanent: true,
    });
  });

  test('is told that it may not be run', async () => {
    const command = join(await temporary(), 'codex');
    await writeFile(command, '#!/bin/sh\n');
    await chmod(command, 0o600);
    expect(await failure({ command })).toEqual({
      message: `"${command}" may not be run: allow it or give another "command"`,
      permanent: true,
    });
  });

  test('is told that its directory is the one that was not found', async () => {
    expect(await failure({ ...node(''), cwd: '/nowhere' })).toEqual({
      message: '"cwd" was not found: /nowhere',
      permanent: true,
    });
  });

  test('throws where Node throws', () => {
    const listeners = process.listenerCount('exit');
    const options = { command: 'node', args: ['x'.repeat(1e7)], cwd: '/' };
    expect(() => connect(options)).toThrow('"node" cannot be started: spawn E2BIG');
    expect(process.listenerCount('exit')).toBe(listeners);
  });
});

describe('leaving a child process', () => {
  test.each([
    ['ends when its stdin does', ''],
    ['has to be sent SIGTERM', forever],
    ['has to be sent SIGKILL', `${deaf}; ${forever}`],
  ])('close ends one that %s, and waits for it', async (_what, more) => {
    const { script, alive } = await witness();
    const started = `${script}.unref(); console.log('started'); process.stdin.resume();`;
    // What it says at the end is told to nobody.
    const late = `process.stdin.on('end', () => console.log('late'));`;
    const client = connect({ ...node(started + late + more), stopTimeout: 300 });
    await client.until('started');
    await until(() => alive() === 1);
    await close(client.link);
    await until(() => alive() === 0);
    await settle();
    expect(client.told).toEqual(['opened', 'started']);
  });

  test('close waits for what it has started too', async () => {
    const { script, seen, alive } = await witness();
    const child = spawning(`${deaf}; ${script}`, `{ stdio: 'ignore' }`);
    const client = connect({ ...node(`${child}; process.stdin.resume()`), stopTimeout: 200 });
    await until(() => seen.length === 1);
    await close(client.link);
    await until(() => alive() === 0);
  });

  test.each([
    ['in a session of its own', (script: string) => spawning(script, ownSession)],
    [
      'whose parent has exited, in a session of its own',
      (script: string) =>
        spawning(
          `${spawning(script, ownSession)}.unref(); setTimeout(process.exit, 50)`,
          `{ stdio: 'ignore' }`,
        ),
    ],
  ])('close waits for what it has started %s', async (_, start) => {
    const { script, seen, alive } = await witness();
    const child = start(`${deaf}; ${script}`);
    const client = connect({ ...node(`${child}; process.stdin.resume()`), stopTimeout: 200 });
    await until(() => seen.length === 1);
    await close(client.link);
    await until(() => alive() === 0);
  });

  test('with no time to stop, it is killed at once', async () => {
    const { script, seen, alive } = await witness();
    const client = connect({ ...node(`${deaf}; ${script}`), stopTimeout: 0 });
    await until(() => seen.length === 1);
    await close(client.link);
    await until(() => alive() === 0);
  });

  test('abandon ends it in the background, and tells nothing', async () => {
    const { script, seen, alive } = await witness();
    const client = connect({ ...node(`${script}; ${echo}; ${deaf}`), stopTimeout: 200 });
    await until(() => seen.length === 1);
    client.link.send('hello');
    client.link.abandon();
    client.link.abandon();
    client.link.send('hello?');
    await until(() => alive() === 0);
    await settle();
    expect(client.told).toEqual(['opened']);
  });

  test.each(['close', 'abandon'] as const)('%s before it has opened', async (leave) => {
    const client = connect({ ...node(forever), stopTimeout: 200 });
    if (leave === 'close') await close(client.link);
    else client.link.abandon();
    await close(client.link);
    expect(client.told).toEqual([]);
  });

  test('in the middle of a chunk tells nothing of the rest of it', async () => {
    const told: string[] = [];
    const all = { ...node(`console.log('a\\nb\\nspam\\n' + 'x'.repeat(100))`) };
    const ignore = { length: 4, test: (head: string) => head === 'spam' };
    await new Promise<void>((resolve) => {
      const tell = (what: string) => () => void told.push(what);
      const link = openChildProcess(all)(
        { url: '', headers: {}, maxFrameBytes: 50, ignore },
        {
          opened: tell('opened'),
          ignored: tell('ignored'),
          fault: tell('fault'),
          ended: tell('ended'),
          text: (text) => {
            told.push(text);
            link.close(resolve);
          },
        },
      );
    });
    expect(told).toEqual(['opened', 'a']);
  });

  test('on Windows, which has no process groups, it is the child alone that is ended', async () => {
    const platform = Object.getOwnPropertyDescriptor(process, 'platform')!;
    Object.defineProperty(process, 'platform', { ...platform, value: 'win32' });
    closings.push(() => Object.defineProperty(process, 'platform', platform));
    const { script, seen, alive } = await witness();
    const client = connect({ ...node(`${script}; ${deaf}`), stopTimeout: 200 });
    await until(() => seen.length === 1);
    await close(client.link);
    await until(() => alive() === 0);
  });
});

describe('a process with child processes', () => {
  /** Runs a script in a process of its own, with `open(options, told)`; resolves with what it printed. */
  async function run(script: string): Promise<string> {
    const entry = fileURLToPath(new URL('../../lib/node/child-process.ts', import.meta.url));
    const contents = `
      import { openChildProcess } from ${JSON.stringify(entry)};
      const request = { url: '', headers: {}, maxFrameBytes: 1000, ignore: null };
      const open = (options, told) => openChildProcess(options)(request, {
        opened() {}, ignored() {}, fault() {}, text: told, ended: () => told('ended'),
      });
      ${script}`;
    const { outputFiles } = await build({
      stdin: { contents, resolveDir: fileURLToPath(new URL('.', import.meta.url)) },
      bundle: true,
      format: 'esm',
      packages: 'external',
      platform: 'node',
      write: false,
    });
    const args = ['--input-type=module', '--eval', outputFiles[0]!.text];
    return (await promisify(execFile)(process.execPath, args)).stdout;
  }

  /** A child that nothing but SIGKILL ends, with one of its own. */
  const stubborn = (script: string) => {
    const child = spawning(`${deaf}; ${script}`, `{ stdio: 'ignore' }`);
    return node(`${deaf}; ${child}; ${script}.once('connect', () => console.log('ready'))`);
  };

  test('leaves none behind when it exits', async () => {
    const { script, seen, alive } = await witness();
    const options = JSON.stringify(stubborn(script));
    const printed = await run(`
      let ready = 0;
      const told = () => { if (++ready === 2) setTimeout(() => process.exit(), 1000) };
      open(${options}, told);
      open(${options}, told);`);
    expect(printed).toBe('');
    await until(() => seen.length >= 2 && alive() === 0);
  });

  test('is not held up by those that have gone, and exits by itself', async () => {
    const { script, alive } = await witness();
    const options = JSON.stringify({ ...stubborn(script), stopTimeout: 100 });
    const printed = await run(`
      const link = open(${options}, (text) => {
        console.log(text);
        link.abandon();
      });`);
    expect(printed).toBe('ready\n');
    await until(() => alive() === 0);
  });

  test('lives until close has kept its word, whatever holds out in the group', async () => {
    const { script, alive } = await witness();
    const child = spawning(
      `${deaf}; ${script}.once('connect', () => process.send('up'))`,
      `{ stdio: ['ignore', 'ignore', 'ignore', 'ipc'] }`,
    );
    const leader = `${child}.once('message', () => console.log('ready')).unref();
      process.stdin.on('end', () => process.exit()).resume()`;
    const options = JSON.stringify({ ...node(leader), stopTimeout: 500 });
    const printed = await run(`
      const link = open(${options}, () => {
        link.close(() => console.log('closed', process.listenerCount('exit')));
      });`);
    expect(printed).toBe('closed 0\n');
    await until(() => alive() === 0);
  });
});

describe('the options of a child process', () => {
  test.each([
    [{ command: '' }, '"command" must be a string that is not empty.'],
    [{ command: 1 }, '"command" must be a string that is not empty.'],
    [{ command: 'a\0b' }, '"command" must be a string that is not empty.'],
    [{ args: 'app-server' }, '"args" must be a list of strings.'],
    [{ args: [1] }, '"args" must be a list of strings.'],
    [{ args: ['\0'] }, '"args" must be a list of strings.'],
    [{ env: null }, '"env" must be an object of strings.'],
    [{ env: 'A=1' }, '"env" must be an object of strings.'],
    [{ env: { SECRET: 1 } }, '"env.SECRET" must be a string.'],
    [{ cwd: 1 }, '"cwd" must be a string.'],
    [{ stopTimeout: -1 }, '"stopTimeout" must be a number, 0 or more.'],
    [{ stopTimeout: '1' }, '"stopTimeout" must be a number, 0 or more.'],
    [{ stderrBytes: NaN }, '"stderrBytes" must be a number, 0 or more.'],
  ])('%j is a TypeError that names what is wrong', (options, message) => {
    expect(() => openChildProcess(options as ChildProcessOptions)).toThrow(new TypeError(message));
  });

  test('none are needed', () => {
    expect(openChildProcess()).toBeInstanceOf(Function);
    expect(openChildProcess(undefined)).toBeInstanceOf(Function);
  });
});
