// The public declarations of the library, as the compiler reads them.

import { join } from 'node:path';
import ts from 'typescript';

/** The entries whose declarations the reference lists, with the specifier that users import. */
const entries = {
  'codex-rx': 'lib/index.ts',
  'codex-rx/node': 'lib/node/index.ts',
  'codex-rx/recording': 'lib/recording/index.ts',
  'codex-rx/json-schema': 'lib/json-schema/index.ts',
  'codex-rx/gateway': 'lib/gateway/index.ts',
  'codex-rx/nats': 'lib/nats/index.ts',
  'codex-rx/nest': 'lib/nest/index.ts',
};

/** Of the test kit only the errors are listed. */
const kit = { 'codex-rx/testing/transcript': 'lib/testing/transcript/index.ts' };

/** What no page lists: it only has to be documented. */
const others = {
  'codex-rx/testing': 'lib/testing/index.ts',
  'codex-rx/angular': 'lib/angular/index.ts',
  'codex-rx/angular/testing': 'lib/angular/testing/index.ts',
};

export function openSource(root) {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const presentOf = (paths) =>
    Object.entries(paths).filter(([, path]) => ts.sys.fileExists(join(root, path)));
  const present = presentOf(entries);
  const presentOfKit = presentOf(kit);
  const presentOfOthers = presentOf(others);
  const program = ts.createProgram(
    [...present, ...presentOfKit, ...presentOfOthers].map(([, path]) => join(root, path)),
    { ...options, noEmit: true },
  );
  const checker = program.getTypeChecker();
  const listed = new Set();

  /** Each exported declaration once, at the first entry that has it. */
  function declarationsOf(path) {
    const file = program.getSourceFile(join(root, path));
    const exported = checker.getExportsOfModule(checker.getSymbolAtLocation(file));
    return exported
      .map((symbol) =>
        symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol,
      )
      .filter((symbol) => !listed.has(symbol) && listed.add(symbol))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  const symbolsOf = ([name, path]) => ({ name, symbols: declarationsOf(path) });
  const lists = { entries: present.map(symbolsOf), kit: presentOfKit.map(symbolsOf) };
  return {
    ts,
    checker,
    ...lists,
    /** Of every entry. */
    documented: [...lists.entries, ...lists.kit, ...presentOfOthers.map(symbolsOf)],
    /** An exported type of a file that users do not import. */
    typeOf(path, name) {
      const file = program.getSourceFile(join(root, path));
      const symbol = checker
        .getExportsOfModule(checker.getSymbolAtLocation(file))
        .find((one) => one.name === name);
      return checker.getDeclaredTypeOfSymbol(symbol);
    },
    /** The prose of a docstring, on one line; links as plain code. */
    docOf: (symbol) => prose(ts, symbol.getDocumentationComment(checker)),
    tagOf(symbol, name) {
      const tag = symbol.getJsDocTags(checker).find((one) => one.name === name);
      return tag && oneLine(ts.displayPartsToString(tag.text));
    },
  };
}

const oneLine = (text) => text.replace(/\s*\n\s*/g, ' ').trim();

const prose = (ts, parts) =>
  ts
    .displayPartsToString(parts)
    .replace(
      /\{@link\s+([^}|\s]+)(?:\s*\|\s*([^}]+))?\s*\}/g,
      (_, name, label) => label ?? `\`${name}\``,
    );

/** A cell of a table. */
export const cell = (text) => oneLine(text).replaceAll('|', '\\|');

export const code = (text) => `\`${text.replaceAll('`', '')}\``;
