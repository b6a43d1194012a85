import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const root = join(import.meta.dirname, '..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const { exports } = JSON.parse(read('package.json')) as { exports: Record<string, unknown> };
const reference = read('docs/errors.md');

const entries = Object.keys(exports)
  .filter((entry) => !entry.endsWith('.json'))
  .map((entry) => join(root, 'lib', entry, 'index.ts'));

const config = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile).config as object;
const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
const program = ts.createProgram(entries, { ...options, noEmit: true });
const checker = program.getTypeChecker();

const exportsOf = (entry: string): readonly ts.Symbol[] => {
  const file = program.getSourceFile(entry);
  if (file === undefined) throw new Error(`There is no ${entry}.`);
  const module = checker.getSymbolAtLocation(file);
  return checker
    .getExportsOfModule(module as ts.Symbol)
    .map((one) => (one.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(one) : one));
};

const isError = (type: ts.Type): boolean =>
  type.symbol.name === 'Error' || (type.getBaseTypes() ?? []).some(isError);

/** Each exported class of errors, with what its entry exports. */
const classes = new Map(
  entries.flatMap((entry) => {
    const exported = exportsOf(entry);
    return exported
      .filter(({ flags }) => flags & ts.SymbolFlags.Class)
      .map((symbol) => ({ symbol, type: checker.getDeclaredTypeOfSymbol(symbol), exported }))
      .filter(({ type }) => isError(type))
      .map((one) => [one.symbol.name, one]);
  }),
);

test('every entry of the package is looked at, and all errors are found', () => {
  expect(entries.length).toBeGreaterThan(8);
  expect([...classes.keys()].sort()).toEqual([
    'AnswerError',
    'CallError',
    'ConnectionError',
    'EnvelopeError',
    'HandlerError',
    'ManagerError',
    'NatsError',
    'OverflowError',
    'RecordingError',
    'TranscriptError',
    'TurnError',
  ]);
});

test.each([...classes])('%s has a kind: words that its entry explains', (name, one) => {
  const kind = one.type.getProperty('kind');
  const type = kind && checker.getTypeOfSymbol(kind);
  const words = type?.isUnion() ? type.types : [];
  const kinds = words.flatMap((word) => (word.isStringLiteral() ? [word.value] : ['no word']));
  expect(kinds.length).toBeGreaterThan(1);
  expect(kinds).not.toContain('no word');

  const alias = type?.aliasSymbol as ts.Symbol;
  expect(one.exported).toContain(alias);
  const explained = ts.displayPartsToString(alias.getDocumentationComment(checker));
  const section = reference.split('\n## ').find((text) => text.startsWith(`${name}\n`));
  for (const text of [explained, section]) {
    const listed = [...(text?.matchAll(/^- `([\w-]+)`: \S/gm) ?? [])].map(([, word]) => word);
    expect(listed).toEqual(expect.arrayContaining(kinds));
  }
});
