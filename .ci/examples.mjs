// The examples of a folder of the documentation: each block of TypeScript that follows a comment with its name,
// <!-- example: a-pipeline -->, as one file.

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

export async function examplesOf(folder) {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.md')).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
  const found = texts.flatMap((text) => [
    ...text.matchAll(/<!-- example: ([\w-]+) -->\s+```ts\n(.*?)\n```/gs),
  ]);
  if (found.length === 0) throw new Error(`${folder} has no examples`);
  return found.map(([, title, code]) => ({ title, code }));
}
