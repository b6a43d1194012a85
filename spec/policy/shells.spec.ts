import { beforeAll, describe, expect, jest, test } from '@jest/globals';
import { allow, approvals, type Rule } from 'codex-rx';
import fc from 'fast-check';
import { posix, win32 } from 'node:path';
import { readRequest, withMembers } from '../../lib/requests/server-request.js';
import { ask } from '../requests/stage.js';
import { runInShell, shells, type Shell } from './run-in-shell.js';
import { attacks, bases, fragments, harmless, templates } from './shell-corpus.js';

// Three shells run some 800 commands each: 10 s, and more on a loaded machine.
jest.setTimeout(300_000);

const commandRequest = (command: string) =>
  withMembers(readRequest(ask(approvals[0], 0, { itemId: 'i', command }), 0, 'key', 0));

const changeRequest = (path: string) => ({
  ...withMembers(readRequest(ask(approvals[1], 0, { itemId: 'i' }), 0, 'key', 0)),
  paths: [path],
});

const corpus = templates.flatMap(([template, harmed]) =>
  (template.includes('{}') ? bases : bases.slice(0, 1)).map((base) => ({
    text: template.replaceAll('{}', base),
    harmed,
  })),
);

/** Command lines put together at random, the same each time. */
const drawn = fc.sample(
  fc.array(fc.constantFrom(...fragments), { minLength: 2, maxLength: 9 }).map((parts) => {
    return `ls ${parts.join('')}`;
  }),
  { numRuns: 120, seed: 7 },
);

/** Those in which a shell did something besides. */
const harmful = new Set(corpus.filter(({ harmed }) => harmed !== '').map(({ text }) => text));
const texts = [...new Set([...corpus.map(({ text }) => text), ...harmless, ...attacks, ...drawn])];

const harmedBy = new Map<Shell, ReadonlySet<string>>();

beforeAll(async () => {
  await Promise.all(
    shells.map(async (shell) => {
      const harmed = await runInShell(shell, texts);
      harmedBy.set(shell, new Set(texts.filter((_, at) => harmed[at])));
    }),
  );
  for (const set of harmedBy.values()) for (const text of set) harmful.add(text);
});

/** Commands that a rule lets through, and that do something besides in a shell. */
const leaks = (rule: Pick<Rule, 'decide'>): readonly string[] =>
  [...harmful].filter((text) => rule.decide(commandRequest(text)) !== null);

/** It lets everything through that it understands. */
const anything = allow({ command: () => true });

/** The same, of programs that are harmless. */
const known = allow({ command: (text) => /^(?:ls|git|cat|npm|node)(?: |$)/.test(text) });

describe('allow, by what shells make of a command', () => {
  test('knows more than 300 commands, and hundreds that were drawn', () => {
    expect(new Set(corpus.map(({ text }) => text)).size).toBeGreaterThan(300);
    expect(texts.length).toBeGreaterThan(600);
  });

  test.each(shells)('%s does what the corpus says', (shell) => {
    const harmed = harmedBy.get(shell);
    const said = new Map(corpus.map((each) => [each.text, each.harmed.includes(shell.charAt(0))]));
    for (const text of harmless) said.set(text, false);
    const wrong = [...said].filter(([text, isHarmed]) => harmed?.has(text) !== isHarmed);
    expect(wrong).toEqual([]);
  });

  test('lets nothing through that runs a second program or makes a file in any shell', () => {
    expect(leaks(known)).toEqual([]);
    // An expression that means the base alone, in a shell or without.
    expect(leaks(allow({ command: /^(?:ls|git|cat)\b/ }))).toEqual([]);
  });

  test.each<[string, Rule['decide']]>([
    [
      'operators alone are looked for',
      (request) => (/[;&|<>`\n\r]|\$[({]/.test(textOf(request)) ? null : {}),
    ],
    ['parentheses are forgotten', (request) => (/[;&|<>`$"'\n]/.test(textOf(request)) ? null : {})],
    [
      'quotes hide everything',
      (request) => (/[^\w ./-]/.test(textOf(request).replace(/'[^']*'/g, '')) ? null : {}),
    ],
  ])('a broken rule fails here: %s', (_, decide) => {
    expect(leaks({ decide }).length).toBeGreaterThan(0);
  });

  test.each(harmless)('lets a harmless command through: %s', (text) => {
    expect(anything.decide(commandRequest(text))).not.toBeNull();
  });

  test.each([
    ['ls', ['ls-evil', 'ls/../evil', './ls', 'lsx']],
    ['git diff', ['git difftool', 'git diff-evil', 'x git diff']],
  ])('an expression for "%s" means whole words', (name, others) => {
    const rule = allow({ command: new RegExp(`^${name}`) });
    expect(rule.decide(commandRequest(`${name} x`))).not.toBeNull();
    expect(others.filter((text) => rule.decide(commandRequest(text)) !== null)).toEqual([]);
  });
});

const names = ['src', 'a.b', '..', '.', '', 'x y', 'evil\\..\\..', 'é', '...'];
const roots = ['/project/', '/', '', './', '../', '/projector/', '/Project/', '/../project/'];
const posixPaths = roots.flatMap((root) =>
  names.flatMap((one) => names.map((two) => `${root}${one}/${two}`)),
);
const windowsPaths = [
  'C:\\project\\',
  'c:/project/',
  'C:\\',
  'C:',
  'D:\\project\\',
  '\\\\?\\C:\\project\\',
  '\\project\\',
].flatMap((root) =>
  names.map((name) => `${root}${name}\\f`).concat(`${root}f:stream`, `${root}f.`, `${root}CON`),
);

/** What Windows takes for something else than the file of that name in that folder. */
const windowsAttacks = [
  ...['f::$DATA', 'f:s:$DATA', 'f ', 'f.', 'f. ', 'f. .', 'f ...', 'a \\f', 'a.\\f', '...\\f'],
  ...['con', 'Con.txt', 'con .txt', 'prn', 'aux.h', 'nul', 'NUL.tar.gz', 'com1', 'lpt9.log'],
  ...['com¹', 'COM².txt', 'lpt³', 'conin$', 'CONOUT$', 'clock$', 'con\\f', 'a\\nul', 'aux \\f'],
  ...[
    '..\\f',
    '.\\f',
    'a\\..\\..\\f',
    'a/../../f',
    '..',
    '.',
    'a\\.',
    '*',
    'f?',
    'a<b',
    'a>b',
    'a"b',
    'a|b',
  ],
  ...[
    'PROGRA~1',
    'f\0',
    'f\n',
    'f\r',
    'a\u0001',
    '',
    '\\f',
    '//f',
    'a\\\\f',
    'a//f',
    'C:\\Windows\\f',
  ],
].map((name) => `C:\\project\\${name}`);
const windowsRoots = [
  ...[
    '\\\\server\\project\\f',
    '//server/project/f',
    '\\\\?\\C:\\project\\f',
    '\\\\.\\C:\\project\\f',
  ],
  ...[
    '\\\\?\\UNC\\server\\C:\\project',
    '\\??\\C:\\project\\f',
    'C:project\\f',
    '\\project\\f',
    'project\\f',
    'C:',
  ],
  ...[
    '\\\\localhost\\C$\\project\\f',
    'file:///C:/project/f',
    'CC:\\project\\f',
    '1:\\project\\f',
    ' C:\\project\\f',
  ],
  ...[
    'C:\\project2\\f',
    'C:\\PROJECT\\f',
    'C:\\projec',
    'D:\\project\\f',
    'ä:\\project\\f',
    'C：\\project\\f',
  ],
];
/** And what a POSIX system takes for another file, or another for this one. */
const posixAttacks = [
  ...[
    '..',
    '.',
    'a/..',
    'a/../..',
    '../f',
    './f',
    'a//f',
    '/f',
    'a/',
    '',
    'f\0',
    'f\n',
    'a\r',
    'a\u001b',
    'a\\f',
    '..\\f',
  ],
].map((name) => `/project/${name}`);

describe('allow, by what file systems make of a path', () => {
  const inside = (path: typeof posix, folder: string, file: string): boolean => {
    const from = path.relative(folder, path.normalize(file));
    return path.isAbsolute(file) && !/^\.\.(?:[\\/]|$)/.test(from) && !path.isAbsolute(from);
  };

  test('lets no file through that is outside of the folder', () => {
    const passed = (folder: string, files: readonly string[]) =>
      files.filter((file) => allow({ path: folder }).decide(changeRequest(file)) !== null);
    const onPosix = passed('/project', posixPaths);
    const onWindows = passed('C:\\project', windowsPaths);
    expect(onPosix.filter((file) => !inside(posix, '/project', file))).toEqual([]);
    expect(onWindows.filter((file) => !inside(win32, 'C:\\project', file))).toEqual([]);
    expect(onPosix).toContain('/project/src/a.b');
    expect(onWindows).toContain('c:/project/src\\f');
    const attacks = [...windowsAttacks, ...windowsRoots, ...posixAttacks];
    expect([...passed('/project', attacks), ...passed('C:\\project', attacks)]).toEqual([]);
    expect(passed('/project', windowsPaths)).toEqual([]);
    expect(passed('C:\\project', posixPaths)).toEqual([]);
  });

  test('a broken rule fails here: one that compares how a path begins', () => {
    const passed = posixPaths.filter((file) => file.startsWith('/project/'));
    expect(passed.filter((file) => !inside(posix, '/project', file)).length).toBeGreaterThan(0);
  });
});

function textOf({ params }: Parameters<Rule['decide']>[0]): string {
  return (params as { command: string }).command;
}
