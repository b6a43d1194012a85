// The blocks of code that a file shows: fences of TypeScript in Markdown, and the @example of docstrings. Each keeps
// its place: `text` begins with as many empty lines as stand before the block, so that errors name lines of the file.
// A block whose first line is a comment with the name of a file is that file.

import ts from 'typescript';

export function blocksOf(path, text) {
  return path.endsWith('.md') ? fences(path, text) : examples(path, text);
}

/** The files that a page tells its reader to write: their names and contents, in order. */
export function filesOf(path, text) {
  const named = blocksOf(path, text).map((block) => [nameOf(block), `${block.text.trim()}\n`]);
  const json = [...text.matchAll(/^`([\w.-]+\.json)`[^\n]*\n\n```json\n(.*?)^```$/gms)];
  return [...named, ...json.map(([, name, code]) => [name, code])].filter(([name]) => name);
}

/** The name of the file that a block is, if it says so. */
export function nameOf({ text }) {
  return /^\/\/ (\S+\.ts)\n/.exec(text.trimStart())?.[1];
}

/** The commands in the shell blocks of a page, without comments. */
export function commandsOf(text) {
  return [...text.matchAll(/^```sh\n(.*?)^```$/gms)]
    .flatMap(([, block]) => block.split('\n'))
    .map((line) => line.replace(/(^|\s+)# .*$/, ''))
    .filter((line) => line !== '');
}

function fences(path, text) {
  return [...text.matchAll(/^( *)```(?:ts|typescript)\n(.*?)^\1```$/gms)].map((match) => {
    const line = lineOf(text, match.index) + 1;
    return block(path, line, match[2]);
  });
}

function examples(path, text) {
  if (!text.includes('@example')) return [];
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const found = [];
  const visit = (node) => {
    for (const tag of ts.getJSDocTags(node)) {
      if (tag.tagName.text === 'example' && !found.includes(tag)) found.push(tag);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found.map((tag) => {
    const shown = text.slice(tag.tagName.end, tag.end);
    const code = shown.replace(/\n\s*\*\/?[^\n]?/g, '\n').replace(/^.*?\n/, '');
    // What follows an empty line is prose.
    return block(path, lineOf(text, tag.tagName.end) + 1, code.split(/\n\s*\n/)[0]);
  });
}

function block(path, line, code) {
  const importsLibrary = /^import\b[^;]*?\bfrom '(codex-rx|rxjs)/m.test(code);
  return { path, line, text: '\n'.repeat(line) + code, importsLibrary };
}

const lineOf = (text, index) => text.slice(0, index).split('\n').length - 1;
