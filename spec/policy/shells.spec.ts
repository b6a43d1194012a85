import { describe, expect, jest, test } from '@jest/globals';
import { allow, approvals, type Rule } from 'codex-rx';
import { posix, win32 } from 'node:path';
import { readRequest } from '../../lib/requests/server-request.js';
import { ask } from '../requests/stage.js';
import { runInShell, shells } from './run-in-shell.js';
import { bases, harmless, templates } from './shell-corpus.js';

// Three shells run some 400 commands each.
jest.setTimeout(120_000);

const commandRequest = (command: string) =>
  readRequest(ask(approvals[0], 0, { itemId: 'i', command }), 0, 'key', 0);

const changeRequest = (path: string) => ({
  ...readRequest(ask(approvals[1], 0, { itemId: 'i' }), 0, 'key', 0),
  paths: [path],
});

const corpus = templates.flatMap(([template, harmed]) =>
  (template.includes('{}') ? bases : bases.slice(0, 1)).map((base) => ({
    text: template.replaceAll('{}', base),
    harmed,
  })),
);

/** Commands in which a shell does something besides, and that a rule lets through. */
const leaks = (rule: Pick<Rule, 'decide'>) =>
  corpus.filter(({ text, harmed }) => harmed !== '' && rule.decide(commandRequest(text)) !== null);

/** It lets everything through that it understands. */
const anything = allow({ command: () => true });

describe('allow, by what shells make of a command', () => {
  test('knows more than 300 commands', () => {
    expect(new Set(corpus.map(({ text }) => text)).size).toBeGreaterThan(300);
  });

  test.each(shells)('%s does what the corpus says', async (shell) => {
    const texts = [...corpus.map(({ text }) => text), ...harmless];
    const harmed = await runInShell(shell, texts);
    const said = [
      ...corpus.map((each) => each.harmed.includes(shell.charAt(0))),
      ...harmless.map(() => false),
    ];
    const wrong = texts.filter((_, at) => harmed[at] !== said[at]);
    expect(wrong).toEqual([]);
  });

  test('lets nothing through that runs a second program or makes a file in any shell', () => {
    expect(leaks(anything)).toEqual([]);
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
