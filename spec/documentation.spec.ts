import { describe, expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';

const read = (path: string): string => readFileSync(path, 'utf8');
const within = (folder: string, ending: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith(ending) && !/^(node_modules|api)[/\\]/.test(path))
    .map((path) => `${folder}/${path.replaceAll('\\', '/')}`);

const pages = ['README.md', ...within('docs', '.md')];
const runners = [...within('spec', '.spec.ts'), ...within('.ci', '.mjs')].map(read);

/**
 * The blocks of code that name their example: below `<!-- example: a-handler -->` in docs/testing/
 * stands examples/testing/a-handler.ts.
 */
const shown = pages.flatMap((page) => {
  const folder = page
    .replace(/^docs\/([\w-]+)(?:\/.*)?\.md$/, 'examples/$1')
    .replace('README.md', 'examples');
  const blocks = read(page).matchAll(/<!-- example: ([\w/-]+) -->\s+```ts\n(.*?)```/gs);
  return [...blocks].map(([, name, code]) => ({ page, path: `${folder}/${name}.ts`, code }));
});

/** All of it but where `test` comes from: that is the choice of the reader. */
const codeOf = (path: string): string =>
  read(path).replace(/^import \{ .* \} from '@jest\/globals';\n+/, '');

describe('the documentation', () => {
  test.each(shown)('shows $path as it is, in $page', ({ path, code }) => {
    expect(code).toBe(codeOf(path));
  });

  // An app with an install of its own is built and run by its own command.
  const examples = within('examples', '.ts').filter(
    (path) => !/^examples\/(angular|inspector|nest)\//.test(path),
  );
  test.each(examples)('shows %s, which is run', (path) => {
    expect(shown.map((example) => example.path)).toContain(path);
    const module = path.replace(/\.ts$/, '.js');
    expect(runners.some((runner) => runner.includes(`/${module}'`))).toBe(true);
  });
});
