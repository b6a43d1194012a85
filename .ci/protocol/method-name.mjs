// The library's own normaliser, so that the types cannot say another name than the code makes.

import { build } from 'esbuild';
import { fileURLToPath } from 'node:url';

const { outputFiles } = await build({
  entryPoints: [fileURLToPath(new URL('../../lib/envelope/method.ts', import.meta.url))],
  bundle: true,
  format: 'esm',
  write: false,
});

/** `item/agentMessage/delta` becomes `item.agent_message.delta`. */
export const { normalizeMethod } = await import(
  `data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`
);
