import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import older from 'typescript-5.9';

type Compiler = typeof ts;

/** The compilers that users have. */
export const compilers: readonly (readonly [name: string, compiler: Compiler])[] = [
  ['TypeScript 6.0', ts],
  ['TypeScript 5.9', older as unknown as Compiler],
];

/** An editor in which code was written, that one can look at. */
export interface Editor {
  /** What it offers where the code has a `|`. */
  offered(code: string): readonly string[];
  /** What it underlines in red: the messages, with their lines. */
  complaints(code: string): readonly string[];
  /** What it shows on hover where the code has a `|`. */
  hover(code: string): { readonly signature: string; readonly documentation: string };
}

const root = fileURLToPath(new URL('../../', import.meta.url));
const file = join(root, 'spec/written-in-an-editor.ts');

/** All of it in one file, a block for each, so that it is read and checked once. */
export function openEditor(compiler: Compiler, head: string, blocks: readonly string[]): Editor {
  const written = head + blocks.map((code) => `{ ${code.replace('|', '')} }\n`).join('');
  const read = compiler.readConfigFile(join(root, 'tsconfig.json'), compiler.sys.readFile);
  const own = { ...(read.config as object), files: [] };
  const { options } = compiler.parseJsonConfigFileContent(own, compiler.sys, root);
  const service = compiler.createLanguageService({
    readFile: compiler.sys.readFile,
    readDirectory: compiler.sys.readDirectory,
    directoryExists: compiler.sys.directoryExists,
    useCaseSensitiveFileNames: () => compiler.sys.useCaseSensitiveFileNames,
    getCompilationSettings: () => ({ ...options, noUnusedLocals: false }),
    getCurrentDirectory: () => root,
    getDefaultLibFileName: compiler.getDefaultLibFilePath,
    getScriptFileNames: () => [file],
    getScriptVersion: () => '0',
    getScriptSnapshot: (name) => {
      const text = name === file ? written : compiler.sys.readFile(name);
      return text === undefined ? undefined : compiler.ScriptSnapshot.fromString(text);
    },
    fileExists: (name) => name === file || compiler.sys.fileExists(name),
  });
  const found = service.getSemanticDiagnostics(file);
  const inHead = found.find(({ start = 0 }) => start < head.length);
  if (inHead) throw new Error(compiler.flattenDiagnosticMessageText(inHead.messageText, '\n'));

  const startOf = (code: string): number => {
    const start = written.indexOf(`{ ${code.replace('|', '')} }\n`);
    if (start === -1) throw new Error(`Not written: ${code}`);
    return start + 2;
  };
  const cursorIn = (code: string): number => startOf(code) + code.indexOf('|');

  return {
    offered: (code) =>
      (service.getCompletionsAtPosition(file, cursorIn(code), {})?.entries ?? []).map(
        ({ name }) => name,
      ),
    complaints(code) {
      const [first, end] = [startOf(code), startOf(code) + code.length];
      return found
        .filter(({ start = -1 }) => start >= first && start < end)
        .map(({ messageText }) => compiler.flattenDiagnosticMessageText(messageText, '\n'));
    },
    hover(code) {
      const info = service.getQuickInfoAtPosition(file, cursorIn(code));
      return {
        signature: compiler.displayPartsToString(info?.displayParts),
        documentation: compiler.displayPartsToString(info?.documentation),
      };
    },
  };
}
