// The examples of a page of the documentation: each block of TypeScript that follows a comment with its name,
// <!-- example: a-pipeline -->, as one file.

import { readFile } from 'node:fs/promises';

export async function examplesOf(page) {
  const text = await readFile(page, 'utf8');
  const found = [...text.matchAll(/<!-- example: ([\w-]+) -->\s+```ts\n(.*?)\n```/gs)];
  return found.map(([, title, code]) => ({ title, code }));
}
