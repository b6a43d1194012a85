// Lines of lib/, without generated files, that are neither blank nor comment, and that no file is too long to read.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { exit } from 'node:process';
import ts from 'typescript';

const root = join(import.meta.dirname, '..');
const longest = 250;

const rooms = new Map();
const tooLong = [];
const paths = readdirSync(join(root, 'lib'), { recursive: true })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => `lib/${path}`);

for (const path of paths.sort()) {
  const [, room] = path.split('/');
  const text = readFileSync(join(root, path), 'utf8');
  if (text.startsWith('// Generated')) continue;
  rooms.set(room, (rooms.get(room) ?? 0) + linesOfCode(path, text));
  const lines = text.trimEnd().split('\n').length;
  if (lines > longest) tooLong.push(`${path}: ${lines} lines, at most ${longest} are allowed`);
}

console.table(Object.fromEntries(rooms));
console.log(`${[...rooms.values()].reduce((sum, lines) => sum + lines, 0)} lines of code`);
for (const problem of tooLong) console.error(problem);
if (tooLong.length > 0) exit(1);

/** Lines that a token touches: the parser knows comments from strings and templates. */
function linesOfCode(path, text) {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const blank = text.split('\n').map((line) => line.trim() === '');
  const touched = new Set();
  const visit = (node) => {
    if (ts.isJSDoc(node)) return;
    const children = node.getChildren(file);
    if (children.length > 0) return children.forEach(visit);
    if (node.getWidth(file) === 0) return;
    const first = file.getLineAndCharacterOfPosition(node.getStart(file)).line;
    const last = file.getLineAndCharacterOfPosition(node.getEnd()).line;
    for (let line = first; line <= last; line++) if (!blank[line]) touched.add(line);
  };
  visit(file);
  return touched.size;
}
