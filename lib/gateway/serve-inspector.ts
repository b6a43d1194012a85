import { pageFolder } from '#inspector-page';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import type { Server } from 'node:http';
import { join } from 'node:path';
import { Subscription } from 'rxjs';
import { amounts, mustBe, mustBeKnown } from '../options/index.js';
import type { CodexStream } from '../stream/index.js';
import { feedLog } from './feed.js';
import type { GatewayOptions } from './gateway-options.js';
import type { Inspector, InspectOptions } from './inspect-options.js';
import { inspectedRoutes, type Playback } from './inspected.js';
import { memoryLog } from './memory-log.js';
import type { PagesOption } from './pages.js';
import { serveGateway } from './serve-gateway.js';

export type { Playback, PlaybackOrder, PlaybackState } from './inspected.js';

const names = [
  'port',
  'token',
  'readOnly',
  'log',
] as const satisfies readonly (keyof InspectOptions)[];

/** What only the command line gives. */
interface Played {
  /** A server that listens already. */
  readonly server: Server;
  readonly playback: Playback;
}

/** What `inspect` does; of a recording, with the means to control it. */
export async function serveInspector(
  stream: CodexStream,
  options: InspectOptions,
  played: Played | null = null,
): Promise<Inspector> {
  mustBeKnown('', options, names);
  const { readOnly = false, token, log = console } = options;
  mustBe(typeof readOnly === 'boolean', 'readOnly', 'true or false');
  const { port } = amounts('', options, { port: 0 });
  if (!existsSync(join(pageFolder, 'index.html'))) throw new Error(missing);
  const lifetime = new Subscription();
  const served = {
    ...(played ? { server: played.server } : { port }),
    pages: pageFolder,
    inspected: inspectedRoutes(stream, played?.playback ?? null, lifetime),
    log,
    // Given in any case: with `authorize` alone there would be none.
    token: token ?? randomBytes(24).toString('base64url'),
    ...(readOnly ? { authorize: onlyLooks } : {}),
  } satisfies GatewayOptions & PagesOption;
  const feed = feedLog(stream, memoryLog());
  lifetime.add(() => {
    feed.close();
  });
  const gateway = await serveGateway(feed, served).catch((error: unknown) => {
    lifetime.unsubscribe();
    throw error;
  });
  const fragment = `t=${encodeURIComponent(served.token)}${readOnly ? '&read-only' : ''}`;
  return {
    url: `${gateway.url.replace(/\/?$/, '/')}#${fragment}`,
    get clients() {
      return gateway.clients;
    },
    async close() {
      lifetime.unsubscribe();
      await gateway.close();
    },
  };
}

const missing =
  `There is no page of the inspector at ${pageFolder}: published packages have it, and in a ` +
  'checkout "npm run inspector:build" makes it.';

const onlyLooks = () => ({ name: 'inspector', answers: false });
