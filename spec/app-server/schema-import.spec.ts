import { expect, jest, test } from '@jest/globals';
import { build } from 'esbuild';
import { firstValueFrom } from 'rxjs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

test('the schema is in no module that codex-rx/node imports by itself', async () => {
  const { metafile } = await build({
    entryPoints: [`${root}lib/node/index.ts`],
    ...{ bundle: true, splitting: true, format: 'esm', platform: 'node', packages: 'external' },
    ...{ outdir: 'unused', write: false, metafile: true },
    alias: {
      '#websocket': `${root}lib/node/websocket.ts`,
      '#secret-rules': `${root}lib/node/secretlint.ts`,
    },
    absWorkingDir: root,
  });
  const { outputs } = metafile;
  const inputsOf = (output: string, isStatic: boolean): readonly string[] => {
    const { inputs = {}, imports = [] } = outputs[output] ?? {};
    const next = imports.filter(
      ({ kind, external }) => !external && (kind === 'import-statement' || !isStatic),
    );
    return [...Object.keys(inputs), ...next.flatMap(({ path }) => inputsOf(path, isStatic))];
  };
  const schema = 'lib/app-server/shapes.ts';
  expect(inputsOf('unused/index.js', true)).toContain('lib/app-server/drift.ts');
  expect(inputsOf('unused/index.js', true)).not.toContain(schema);
  expect(inputsOf('unused/index.js', false)).toContain(schema);
});

test('a schema that cannot be loaded is logged, and names are counted', async () => {
  jest.unstable_mockModule(`${root}lib/app-server/shapes.ts`, () => {
    throw new Error('It is gone.');
  });
  const { createDriftReport } = await import('../../lib/app-server/drift.js');
  const lines: unknown[][] = [];
  const error = (...line: unknown[]) => lines.push(line);
  const drift = createDriftReport(true, { warn: error, error });
  expect(await firstValueFrom(drift.loaded$)).toBe(false);
  drift.observe({ signalType: 'notification', method: 'made/up', params: { item: 5 } } as never);
  drift.observeResult('thread/read', {});
  expect(drift.read().summary).toBe('notification made/up (1)');
  expect(lines).toEqual([
    [
      'codex-rx: the schema could not be loaded: drift() counts names only.',
      expect.objectContaining({ message: 'It is gone.' }),
    ],
  ]);
});
