import { afterAll, describe, expect, test } from '@jest/globals';
import { build, type Plugin } from 'esbuild';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type * as Model from './unrouted-model.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
/** Where packages are found: they are loaded once, and not bundled. */
const folder = mkdtempSync(join(root, 'node_modules/.codex-rx-mutants-'));

afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** The rule with one part of it taken away: what is broken, in which file, and how. */
const mutants: readonly (readonly [what: string, file: string, from: string, to: string])[] = [
  ['escapes in a head', 'node/frame-bytes', '((backslashes - 0x01010101) & ~backslashes) |', ''],
  ['heads that are not ASCII', 'node/frame-bytes', '    word;', '    0;'],
  ['the full comparison', 'node/frame-bytes', 'areAt(first, entry.known)', 'true'],
  ['revisions', 'router/interest', 'counts.revision++;', ''],
  [
    'routes keyed by turn or request',
    'router/interest',
    'counts.revision++;',
    'counts.revision++; if (key.turns ?? key.requests) return;',
  ],
  [
    'routes keyed by turn and thread',
    'router/interest',
    'counts.revision++;',
    'counts.revision++; if (key.turns && key.threads) return;',
  ],
  ['keys of any thread', 'router/interest', 'inThreads.change(key, by);', ''],
  ['routes that come later', 'router/create-router', 'keys?.add(route.key);', ''],
  [
    'a router that is busy',
    'router/create-router',
    'dispatching || unhandled.observed || counts.all',
    'unhandled.observed || counts.all',
  ],
  [
    'listeners of unhandled$',
    'router/create-router',
    'dispatching || unhandled.observed || counts.all',
    'dispatching || counts.all',
  ],
  ['a stream that is busy', 'stream/interest-filter', ' || isBusy()', ''],
  [
    'subscribers behind a matcher',
    'stream/interest-filter',
    'subscribers.wants(type, threadId) || ',
    '',
  ],
  ['threads of subscribers', 'stream/interest-filter', 'subscribers.threads.has(threadId) || ', ''],
  [
    'subscribers that come later',
    'stream/interest-filter',
    'routes.revision + subscribers.revision',
    'routes.revision',
  ],
  ['control frames', 'manager/create-manager-stream', 'controlTypes.includes(type) ||', ''],
  ['ids in payloads', 'node/frame-bytes', 'tests.some((test) => test(frame))', 'false'],
  ['ids that are written otherwise', 'node/frame-bytes', ' || hasEscapes(frame)', ''],
  ['ids with more than one spelling', 'manager/unrouted-frames', ' && ids.every(isSearchable)', ''],
  [
    'verdicts on types',
    'manager/unrouted-frames',
    'type.revision !== revision',
    'type.revision < 0',
  ],
  [
    'verdicts on threads',
    'manager/unrouted-frames',
    'threadId.revision !== revision',
    'threadId.revision < 0',
  ],
  ['the ids of now', 'manager/unrouted-frames', 'searchedAt !== revision', 'searchedAt < 0'],
  [
    'what requests look for',
    'manager/unrouted-frames',
    'type.isNeededFor?.(frame) === true',
    'false',
  ],
  [
    'requests of a thread',
    'manager/unrouted-frames',
    'isNeededIn?.(threadId.text) === true',
    'false',
  ],
  [
    'requests of a thread that a payload names',
    'manager/unrouted-frames',
    'isNeededIn !== null || mayName',
    'mayName',
  ],
  ['file changes without a type', 'manager/manager-requests', ", 'itemId'", ''],
];

/** The model, bundled with a mutant. */
async function modelOf(file: string, from: string, to: string): Promise<typeof Model> {
  const mutate: Plugin = {
    name: 'mutate',
    setup({ onLoad }) {
      onLoad({ filter: new RegExp(`/lib/${file}\\.ts$`) }, ({ path }) => {
        const source = readFileSync(path, 'utf8');
        const parts = source.split(from);
        if (parts.length !== 2) throw new Error(`Not once in ${file}: ${from}`);
        return { contents: parts.join(to), loader: 'ts' };
      });
    },
  };
  const outfile = join(folder, `${Math.random().toString(36).slice(2)}.mjs`);
  await build({
    entryPoints: [join(root, 'spec/manager/unrouted-model.ts')],
    absWorkingDir: root,
    tsconfig: join(root, 'tsconfig.json'),
    alias: { '#websocket': join(root, 'lib/node/websocket.ts') },
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    external: ['rxjs', 'fast-check', 'ws'],
    plugins: [mutate],
  });
  return (await import(pathToFileURL(outfile).href)) as typeof Model;
}

describe('the model of a stream that drops what is not routed', () => {
  test.each(mutants)('notices a rule without %s', async (_, file, from, to) => {
    const { firstDifference } = await modelOf(file, from, to);
    expect(firstDifference(1, 3_000)).not.toBeNull();
  });
});
