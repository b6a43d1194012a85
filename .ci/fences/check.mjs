// Blocks of code as modules of one TypeScript program, over the sources of the library.

import { dirname, join } from 'node:path';
import ts from 'typescript';
import { nameOf } from './blocks.mjs';
import { givenOn } from './given.mjs';

/** Where a name comes from that a block does not import; the first that has it. */
const sources = [
  'codex-rx',
  'codex-rx/recording',
  'codex-rx/node',
  'codex-rx/json-schema',
  'codex-rx/testing',
  'codex-rx/testing/transcript',
  'codex-rx/nest',
  'rxjs',
  'zod',
  'node:fs',
  '@nestjs/core',
  '@nestjs/microservices',
];
/** Of zod, only this one: its other names are words like `url` and `record`. */
const onlyOf = { zod: ['z'] };
/** The errors of a name that nothing declares. */
const unknownName = new Set([2304, 2503, 2552, 2582, 2593, 2693, 18004]);

/** The errors in them, each with its block, `line` (from 0) and `message`. */
export function check(root, blocks) {
  const { options } = ts.parseJsonConfigFileContent(
    ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile).config,
    ts.sys,
    root,
  );
  const settings = {
    ...options,
    // What a block does not use, its reader does.
    noUnusedLocals: false,
    noUnusedParameters: false,
    verbatimModuleSyntax: false,
    // Those of Nest.
    experimentalDecorators: true,
  };
  const exporting = join(root, '.ci/fences/exports.ts');
  // The files of one page import each other.
  const fileOf = (block, i) => {
    const name = nameOf(block);
    return name ? join(root, 'files-of', block.path, name) : join(root, `block-${i}.ts`);
  };
  const virtual = new Map(blocks.map((block, i) => [fileOf(block, i), block]));
  const folders = new Set([...virtual.keys()].map((path) => dirname(path)));
  const heads = new Map();

  const textOf = (path) => {
    if (path === exporting) return sources.map((name) => `import '${name}';`).join('\n');
    const block = virtual.get(path);
    return block && `${heads.get(block) ?? ''}export {};${block.text}`;
  };
  const host = ts.createCompilerHost(settings);
  const { fileExists, directoryExists, readFile, getSourceFile } = host;
  host.directoryExists = (path) => folders.has(path) || directoryExists(path);
  host.fileExists = (path) => textOf(path) !== undefined || fileExists(path);
  host.readFile = (path) => textOf(path) ?? readFile(path);
  host.getSourceFile = (path, language, ...rest) => {
    const text = textOf(path);
    return text === undefined
      ? getSourceFile.call(host, path, language, ...rest)
      : ts.createSourceFile(path, text, language, true);
  };

  const programOf = (before) =>
    ts.createProgram([exporting, ...virtual.keys()], settings, host, before);
  const first = programOf();
  const homes = exportsOf(first, exporting);
  for (const [path, block] of virtual) {
    const names = first
      .getSemanticDiagnostics(first.getSourceFile(path))
      .filter(({ code }) => unknownName.has(code))
      .map(({ file, start, length }) => file.text.slice(start, start + length));
    heads.set(block, [...new Set(names)].map((name) => declared(name, block, homes)).join(''));
  }

  const program = programOf();
  const problems = [];
  for (const [path, block] of virtual) {
    const file = program.getSourceFile(path);
    const found = [
      ...program.getSyntacticDiagnostics(file),
      ...program.getSemanticDiagnostics(file),
    ];
    for (const { start, messageText } of found) {
      const { line } = file.getLineAndCharacterOfPosition(start);
      problems.push({ block, line, message: ts.flattenDiagnosticMessageText(messageText, '\n  ') });
    }
  }
  return problems;
}

/** What stands before a block that names it. */
function declared(name, { path, importsLibrary }, homes) {
  const type = givenOn(path, name);
  if (type !== undefined) return `declare const ${name}: ${type};`;
  return homes.has(name) && !importsLibrary ? `import { ${name} } from '${homes.get(name)}';` : '';
}

/** The source of each name that one of them exports. */
function exportsOf(program, path) {
  const checker = program.getTypeChecker();
  const homes = new Map();
  for (const statement of program.getSourceFile(path).statements) {
    const { moduleSpecifier } = statement;
    const symbol = checker.getSymbolAtLocation(moduleSpecifier);
    if (!symbol) throw new Error(`${moduleSpecifier.text} cannot be resolved.`);
    for (const { name } of checker.getExportsOfModule(symbol)) {
      if (onlyOf[moduleSpecifier.text]?.includes(name) === false) continue;
      if (!homes.has(name)) homes.set(name, moduleSpecifier.text);
    }
  }
  return homes;
}
