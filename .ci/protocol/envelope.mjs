// The library's own code, so that the types cannot say anything else than what it does.

import { build } from 'esbuild';
import { fileURLToPath } from 'node:url';

const { outputFiles } = await build({
  stdin: {
    contents: `export * from './method.ts'; export * from './identity.ts';`,
    resolveDir: fileURLToPath(new URL('../../lib/envelope/', import.meta.url)),
  },
  bundle: true,
  format: 'esm',
  write: false,
});

/**
 * `normalizeMethod` makes `item.agent_message.delta` of `item/agentMessage/delta`; `findThreadId` and
 * `findTurnId` look for ids in a payload.
 */
export const { findThreadId, findTurnId, normalizeMethod } = await import(
  `data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`
);
