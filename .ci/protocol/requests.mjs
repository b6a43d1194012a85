// What the library says of server requests by hand: the schema does not tell what they ask for.

import { build } from 'esbuild';
import { fileURLToPath } from 'node:url';

const { outputFiles } = await build({
  entryPoints: [fileURLToPath(new URL('../../lib/requests/methods.ts', import.meta.url))],
  bundle: true,
  format: 'esm',
  write: false,
});
const { methods } = await import(`data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`);

/** The server requests of which nothing is said. */
export const notesOnRequests = ({ requests }) =>
  requests
    .filter(({ method }) => !Object.hasOwn(methods, method))
    .map(
      ({ method }) =>
        `The request ${method} is of the kind "other": lib/requests/methods.ts has no row for it.`,
    );
