// The blocks of code in docs/angular.md and the @example of lib/angular, as files that Angular's compiler reads with
// the settings of `ng new`. A block that begins with the name of a file is that file, and the others of its section
// import it; an @example is a module, members of a component or providers, and gets what it names.

import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { blocksOf, nameOf } from './blocks.mjs';

const root = join(import.meta.dirname, '../..');

/** The settings of `ng new`. */
const settings = {
  compilerOptions: {
    strict: true,
    noImplicitOverride: true,
    noPropertyAccessFromIndexSignature: true,
    noImplicitReturns: true,
    noFallthroughCasesInSwitch: true,
    skipLibCheck: true,
    isolatedModules: true,
    experimentalDecorators: true,
    importHelpers: true,
    target: 'ES2022',
    module: 'preserve',
    noEmit: true,
    types: ['node'],
  },
  angularCompilerOptions: {
    strictInjectionParameters: true,
    strictInputAccessModifiers: true,
    strictTemplates: true,
  },
  include: ['**/*.ts'],
};

/** Writes them below `home`: the folder of their tsconfig.json, and how many there are. */
export async function writeFences(home) {
  const folder = join(home, 'dist/documentation');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(settings, null, 2));

  const page = 'docs/angular.md';
  const text = await readFile(join(root, page), 'utf8');
  const sections = text.split(/^(?=## )/m);
  let count = 0;
  const write = async (path, code) => {
    count++;
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), code);
  };
  for (const [i, section] of sections.entries()) {
    for (const [j, block] of blocksOf(page, section).entries()) {
      const name = nameOf(block) ?? `block-${j}.ts`;
      await write(`section-${i}/${name}`, `${block.text.trim()}\nexport {};\n`);
    }
  }

  for (const file of await readdir(join(root, 'lib/angular'), { recursive: true })) {
    if (!file.endsWith('.ts')) continue;
    const examples = blocksOf(file, await readFile(join(root, 'lib/angular', file), 'utf8'));
    for (const [i, { text: code }] of examples.entries()) {
      await write(`lib/${file.replace('.ts', '')}-${i}.ts`, moduleOf(code.trim()));
    }
  }
  return { folder, count };
}

/** Where the names of an @example come from. */
const sources = {
  '@angular/core': /\binput(?=[.(])|\b(?:ApplicationConfig|Component|Type)\b/g,
  '@angular/core/testing': /\bTestBed\b/g,
  'codex-rx': /\bofAppServer\b/g,
  'codex-rx/angular': /\b(?:inject[A-Z]\w+|provideCodex)\b/g,
  'codex-rx/angular/testing': /\bprovideCodexTesting\b/g,
};
/** What its reader has. */
const given = { Chat: 'Type<unknown>', expect: '(value: unknown) => any' };

function moduleOf(code) {
  let body = code;
  if (code.startsWith('readonly ')) {
    const id = /readonly id\b/.test(code) ? '' : 'readonly id = input.required<string>();\n';
    // Its comments are the template.
    const template = code.match(/(?<=^ *\/\/ ).*/gm)?.join('\n') ?? '';
    const component = `@Component({ template: ${JSON.stringify(template)}, selector: 'app-example' })`;
    body = `${component}\nexport class Example {\n${id}${code}\n}`;
  } else if (code.startsWith('providers:')) {
    body = `export const config: ApplicationConfig = {\n${code}\n};`;
  }
  for (const [name, type] of Object.entries(given)) {
    if (new RegExp(`\\b${name}\\b`).test(body)) body = `declare const ${name}: ${type};\n${body}`;
  }
  const imports = Object.entries(sources).map(([from, names]) => {
    const used = [...new Set(body.match(names) ?? [])];
    return used.length > 0 ? `import { ${used.join(', ')} } from '${from}';\n` : '';
  });
  return `${imports.join('')}${body}\nexport {};\n`;
}
