import { pageFolder } from '#inspector-page';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { amounts, mustBe, mustBeKnown } from '../options/index.js';
import type { CodexStream } from '../stream/index.js';
import type { StreamLog } from '../text/index.js';
import { feedLog } from './feed.js';
import type { GatewayOptions } from './gateway-options.js';
import { memoryLog } from './memory-log.js';
import type { PagesOption } from './pages.js';
import { serveGateway } from './serve-gateway.js';

export interface InspectOptions {
  /**
   * The port on 127.0.0.1.
   *
   * @default a free one
   */
  readonly port?: number;
  /**
   * The token of the address.
   *
   * @default a random one
   */
  readonly token?: string;
  /**
   * Whether the page only looks: the server refuses whatever would change something.
   *
   * @default false
   */
  readonly readOnly?: boolean;
  /**
   * Gets what failed within the gateway. `false`: nothing is written.
   *
   * @default console
   */
  readonly log?: StreamLog | false;
}

const names = [
  'port',
  'token',
  'readOnly',
  'log',
] as const satisfies readonly (keyof InspectOptions)[];

/** An inspector that is served. */
export interface Inspector {
  /** The address of the page. Its fragment holds the token, which lets a reader answer for you. */
  readonly url: string;
  /** How many pages are open. */
  readonly clients: number;
  /** Ends the pages; the stream goes on. */
  close(): Promise<void>;
}

/**
 * Serves the inspector for the stream of a running program, on this machine alone: a page that
 * shows its threads as they work, and an inbox of what waits for a human.
 *
 * @example
 * const inspector = await inspect(stream);
 * console.log(`The inspector is at ${inspector.url}`);
 *
 * @throws TypeError that names the option that is wrong; Error if the package lacks the page.
 */
export async function inspect(
  stream: CodexStream,
  options: InspectOptions = {},
): Promise<Inspector> {
  mustBeKnown('', options, names);
  const { readOnly = false, token, log = console } = options;
  mustBe(typeof readOnly === 'boolean', 'readOnly', 'true or false');
  const { port } = amounts('', options, { port: 0 });
  if (!existsSync(join(pageFolder, 'index.html'))) throw new Error(missing);
  const served = {
    pages: pageFolder,
    port,
    log,
    // Given in any case: with `authorize` alone there would be none.
    token: token ?? randomBytes(24).toString('base64url'),
    ...(readOnly ? { authorize: onlyLooks } : {}),
  } satisfies GatewayOptions & PagesOption;
  const feed = feedLog(stream, memoryLog());
  const gateway = await serveGateway(feed, served).catch((error: unknown) => {
    feed.close();
    throw error;
  });
  const fragment = `t=${encodeURIComponent(served.token)}${readOnly ? '&read-only' : ''}`;
  return {
    url: `${gateway.url.replace(/\/?$/, '/')}#${fragment}`,
    get clients() {
      return gateway.clients;
    },
    async close() {
      feed.close();
      await gateway.close();
    },
  };
}

const missing =
  `There is no page of the inspector at ${pageFolder}: published packages have it, and in a ` +
  'checkout "npm run inspector:build" makes it.';

const onlyLooks = () => ({ name: 'inspector', answers: false });
