import { describe, expect, test } from '@jest/globals';
import { allow, approvals, deny, policy, type Rule } from 'codex-rx';
import { readRequest, withMembers } from '../../lib/requests/server-request.js';
import { readingsOf } from '../../lib/policy/readings.js';
import { ask, stage } from '../requests/stage.js';
import { accept, approve, cancel, decline } from '../support/answers.js';

const command = (text: unknown, params: object = {}) =>
  withMembers(
    readRequest(ask(approvals[0], 0, { itemId: 'i', command: text, ...params }), 0, 'key', 0),
  );

const legacy = (words: readonly string[]) =>
  withMembers(
    readRequest(ask('execCommandApproval', 0, { callId: 'c', command: words }), 0, 'key', 0),
  );

const change = (paths: readonly string[] | null, params: object = {}) => ({
  ...withMembers(readRequest(ask(approvals[1], 0, { itemId: 'i', ...params }), 0, 'key', 0)),
  paths,
});

const other = (method: string) => withMembers(readRequest(ask(method, 0), 0, 'key', 0));

describe('allow', () => {
  test.each<[string, unknown]>([
    ['a plain command', 'ls -la'],
    ['in a shell', "/bin/bash -lc 'ls -la'"],
    ['in a shell, with other quotes', 'sh -c "ls -la"'],
    ['in a shell, without quotes', 'bash -lc ls'],
  ])('lets a command pass that matches: %s', (_, text) => {
    expect(allow({ command: /^ls\b/g }).decide(command(text))).toEqual(accept());
  });

  test.each<[string, readonly string[]]>([
    ['in words', ['ls', '-la']],
    ['in a shell', ['/bin/zsh', '-lc', 'ls -la']],
  ])('lets a legacy command pass that matches: %s', (_, words) => {
    expect(allow({ command: /^ls\b/ }).decide(legacy(words))).toEqual(approve());
  });

  test.each([
    'ls; rm -rf /',
    'ls && rm -rf /',
    'ls | sh',
    'ls & rm x',
    'ls > /etc/passwd',
    'ls < x',
    'ls `rm x`',
    'ls $(rm x)',
    'ls ${x}',
    'ls\nrm x',
    "/bin/bash -lc 'ls; rm x'",
    "/bin/bash -lc 'ls '\\''; rm x'",
    '/bin/bash -lc "ls $HOME"',
    'rm ls',
  ])('lets no command pass that might do something else: %s', (text) => {
    expect(allow({ command: /^ls\b/ }).decide(command(text))).toBeNull();
  });

  test.each<[string, object]>([
    ['the network', { networkApprovalContext: { host: 'x' } }],
    ['permissions', { additionalPermissions: { network: null } }],
    ['input for a process', { kind: 'writeStdin' }],
  ])('lets no command pass that asks for %s', (_, params) => {
    expect(allow({ command: 'ls' }).decide(command('ls', params))).toBeNull();
  });

  test('takes a text for exactly that, and a function for a test', () => {
    expect(allow({ command: 'ls' }).decide(command('ls -la'))).toBeNull();
    expect(allow({ command: 'ls' }).decide(command('ls'))).toEqual(accept());
    expect(allow({ command: (text) => text.length === 2 }).decide(command('ls'))).toEqual(accept());
    expect(allow({ command: 'ls' }).decide(command(null))).toBeNull();
  });

  test('lets a change pass all of whose files are known and inside', () => {
    const rule = allow({ path: '/project/' });
    expect(rule.decide(change(['/project/a', '/project/b/c']))).toEqual(accept());
    expect(rule.decide(change(['/project']))).toEqual(accept());
    const windows = allow({ path: 'c:\\project' });
    expect(windows.decide(change(['C:\\project\\a', 'C:/project/b']))).toEqual(accept());
    for (const paths of [
      null,
      [],
      ['/project/a', '/etc/passwd'],
      ['/project/../etc/passwd'],
      ['/projector/a'],
    ]) {
      expect(rule.decide(change(paths))).toBeNull();
    }
    expect(rule.decide(change(['/project/a'], { grantRoot: '/project' }))).toBeNull();
    expect(allow({ path: /\.md$/ }).decide(change(['/a.md']))).toEqual(accept());
    expect(rule.decide(command('ls'))).toBeNull();
    expect(allow({ command: 'ls' }).decide(change(['/a']))).toBeNull();
    expect(allow({ command: 'ls', path: '/a' }).decide(change(['/a']))).toBeNull();
    expect(allow({ command: 'ls', path: '/a' }).decide(command('ls'))).toBeNull();
  });

  test('by a test of your own passes approvals, and nothing else', () => {
    const rule = allow({ where: () => true });
    expect(rule.decide(command('ls; rm x'))).toEqual(accept());
    expect(allow({ command: 'ls', where: () => false }).decide(command('ls'))).toBeNull();
    for (const method of [
      'item/permissions/requestApproval',
      'item/tool/call',
      'item/tool/requestUserInput',
      'mcpServer/elicitation/request',
      'of/tomorrow',
    ]) {
      expect(rule.decide(other(method))).toBeNull();
    }
  });
});

describe('deny', () => {
  test('says no to a command any part of which matches', () => {
    const rule = deny({ command: /\brm\b/ });
    expect(rule.decide(command("/bin/bash -lc 'ls; rm x'"))).toEqual(decline());
    expect(rule.decide(command('x', { commandActions: [{ command: 'rm x' }, null] }))).toEqual(
      decline(),
    );
    expect(rule.decide(command('ls'))).toBeNull();
    expect(rule.decide(legacy(['rm', 'x']))).toEqual({
      decision: { denied: { rejection: 'deny command /\\brm\\b/' } },
    });
  });

  test('says no to a change any file of which matches', () => {
    const rule = deny({ path: '/etc' });
    expect(rule.decide(change(['/project/a', '/project/../etc/passwd']))).toEqual(decline());
    expect(rule.decide(change(['/project/a']))).toBeNull();
    expect(rule.decide(change(null))).toBeNull();
  });

  test('may end the turn, and may be about anything', () => {
    expect(deny({ command: 'ls' }, 'no', 'cancel').decide(command('ls'))).toEqual(cancel());
    const rule = deny({ where: () => true }, 'not here', 'cancel');
    expect(rule.decide(other('item/tool/call'))).toEqual({
      contentItems: [{ type: 'inputText', text: 'not here' }],
      success: false,
    });
    expect(deny({ where: () => false }).decide(command('ls'))).toBeNull();
  });
});

describe('a policy', () => {
  test('takes the first rule that matches; the rest goes on to a human', () => {
    const { observe, requests, decisions, pending } = stage();
    requests.serve(
      approvals,
      policy([
        deny({ command: /secret/ }, 'secrets stay here'),
        allow({ command: /^cat / }),
        deny({ command: /^cat / }),
      ]),
      { name: 'house rules' },
    );
    for (const [id, text] of ['cat secret', 'cat x', 'make'].entries()) {
      observe(ask(approvals[0], id, { itemId: `i${id}`, command: text }));
    }
    expect(decisions).toEqual([
      [0, decline(), 'house rules', 'secrets stay here'],
      [1, accept(), 'house rules', 'allow command /^cat /'],
    ]);
    expect(pending.at(-1)).toEqual([2]);
    requests.serve(approvals, () => decline(), { name: 'a human' });
    expect(decisions.at(-1)).toEqual([2, decline(), 'a human', null]);
  });

  test('names its rules', () => {
    const names = [
      allow({ command: 'ls', path: /x/ }),
      deny({
        where: function atNight() {
          return true;
        },
      }),
      deny({ where: () => true }),
    ].map(({ name }: Rule) => name);
    expect(names).toEqual(['allow command ls path /x/', 'deny where atNight', 'deny where where']);
  });

  test.each<[string, () => unknown]>([
    ['"criteria" must be', () => allow({})],
    ['"command" must be', () => allow({ command: 5 as never })],
    ['"path" must be', () => deny({ path: {} as never })],
    ['"path" must be an absolute path', () => allow({ path: '' })],
    ['"path" must be an absolute path', () => allow({ path: '.' })],
    ['"path" must be an absolute path', () => allow({ path: 'src' })],
    ['"path" must be an absolute path', () => allow({ path: '/a/../b' })],
    ['"where" must be', () => deny({ where: 5 as never })],
    ['"rules" must be', () => policy(allow({ command: 'ls' }) as never)],
  ])('%s', (message, make) => {
    expect(make).toThrow(message);
  });
});

describe('allow leaves to a human what one of the shells reads otherwise', () => {
  test.each([
    'ls *(e:"touch x":)',
    'ls (touch x)',
    'ls =(touch x)',
    "ls '\\'' ; touch x # '",
    "ls 'a''; touch x #'",
    'ls ~',
    'ls $[1]',
    'ls =ls',
    'ls @x',
    'ls %x%',
    'ls ‘; touch x’',
    "./sh -c 'ls'",
    "/tmp/bash -lc 'ls'",
    'ls-evil',
    'ls/../evil',
  ])('%s', (text) => {
    expect(allow({ command: /^ls\b/ }).decide(command(text))).toBeNull();
  });

  test.each([
    '/../src/x',
    'C:\\project\\x',
    '/project/x\\..\\..\\evil',
    '/project//x',
    '/Project/x',
  ])('the file %s', (path) => {
    expect(allow({ path: '/project' }).decide(change([path]))).toBeNull();
  });
});

describe('deny sees through', () => {
  test.each([
    'RM -rf x',
    'ls; rm x',
    "r'm' x",
    'r\\m x',
    "$'\\x72m' x",
    '/bin/rm x',
    'sudo rm x',
    'A=b rm x',
    'rm.exe x',
    'ｒｍ x',
    "bash -c 'ls && rm x'",
    'echo $(rm x)',
  ])('%s', (text) => {
    expect(deny({ command: /^rm\b/ }).decide(command(text))).toEqual(decline());
    expect(deny({ command: /^rm\b/ }).decide(command('git log'))).toBeNull();
  });

  test.each(['/ETC/passwd', '/project/../etc/x', '//etc/x', '/etc./x'])('the file %s', (path) => {
    expect(deny({ path: '/etc' }).decide(change([path]))).toEqual(decline());
    expect(deny({ path: '.git' }).decide(change(['/a/.Git/config']))).toEqual(decline());
  });
});

describe('deny looks behind what runs a command, and at each place where one may begin', () => {
  const kinds: Readonly<Record<string, readonly string[]>> = {
    'a program that runs another': [
      ...['busybox rm x', 'setsid rm x', 'stdbuf -o0 rm x', 'watch rm x', 'strace rm x'],
      ...['coproc rm x', 'repeat 3 rm x', 'parallel rm ::: x', 'unshare rm x', 'time ! rm x'],
    ],
    'an option with a value': [
      ...['sudo -u root rm x', 'exec -a x rm x', 'ionice -c 3 rm x', 'timeout -k 5 10 rm x'],
      ...['env -u A rm x', 'xargs -n 1 rm', 'runuser -u x -- rm x', 'nice -n 5 rm x'],
    ],
    'a word before the command': ['ssh host rm x', 'flock x rm x', 'chroot / rm x'],
    'another that finds files': ['find . -exec rm {} +', 'find . -type f -execdir rm {} ;'],
    'a sign in front': ['@rm x', '=rm x', '!rm x', '. rm x', '- rm x', "git -c alias.x='!rm x' x"],
    'a redirection': ['2>/dev/null rm x', '>out rm x', '<in rm x', '&>out rm x', '<<EOF rm x\nEOF'],
    'what has no value': ['r${x}m x', 'r$1m x', 'r$(true)m x', 'r`true`m x', 'r%z%m x', 'r$z""m x'],
    'what has its value with it': ['${0+rm} x', '${x:-rm} x', '$(which rm) x', '`which rm` x'],
    'a condition of cmd.exe': ['if exist x rm x', 'if not exist x rm x', '%ComSpec% /c rm x'],
    'many of them': [`${'! '.repeat(5_000)}rm x`, `${'sudo -n '.repeat(900)}rm x`],
  };
  test.each(Object.entries(kinds))('%s', (_, texts) => {
    const passed = texts.filter(
      (text) => deny({ command: /^rm\b/ }).decide(command(text)) === null,
    );
    expect(passed).toEqual([]);
  });

  test.each([
    ...['git rm x', 'docker rm x', 'npm rm x', 'echo rm', 'git commit -m rm', 'ls rm', 'rmdir x'],
    ...['sudo git rm x', 'env A=1 git rm x', 'find . -name rm', 'cat rm.txt'],
  ])('but not at a word of another command: %s', (text) => {
    expect(deny({ command: /^rm(?: |$)/ }).decide(command(text))).toBeNull();
  });

  test.each(['! ', '-a ', 'sudo ', 'ssh ', 'a;', '$(', '`a', '> a '])(
    'and has few readings of a long command of %j',
    (part) => {
      const long = part.repeat(5_000);
      const readings = readingsOf(command(long));
      expect(readings.length).toBeLessThan(1_000);
      // What they are made of is of no more than a few times its length in all.
      const pieces = new Set(readings.filter((reading) => reading.length > 500));
      expect(pieces.size).toBeLessThan(500);
    },
  );
});

describe('deny reads the escapes of a shell', () => {
  test.each([
    ["$'\\x72\\x6d' -rf x"],
    ["$'\\u0072\\u006d' -rf x"],
    ["$'\\162\\155' -rf x"],
    ['rm${IFS}-rf${IFS}x'],
    ['r\\\nm -rf x'],
  ])('%s', (text) => {
    expect(deny({ command: /^rm\b/ }).decide(command(text))).toEqual(decline());
  });
});
