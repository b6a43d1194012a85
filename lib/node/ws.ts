import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { cwd } from 'node:process';
import * as ws from 'ws';

type Ws = Pick<typeof ws, 'WebSocket' | 'WebSocketServer'>;

/**
 * The package `ws`. Where the condition "browser" holds in Node (jest with jsdom, vitest with
 * `resolve.conditions`), its name stands for a stub; then its files are found from the folder that
 * the process runs in.
 */
export function loadWs(): Ws {
  if ((ws.WebSocket as unknown) !== undefined) return ws;
  const library = createRequire(join(cwd(), 'package.json')).resolve('codex-rx/package.json');
  const require = createRequire(library);
  return require(join(dirname(require.resolve('ws/package.json')), 'index.js')) as Ws;
}
