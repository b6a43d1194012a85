import { afterEach } from '@jest/globals';
import {
  connectManager,
  openWebSocket,
  type CodexStream,
  type ManagerOptions,
  type ManagerStream,
} from 'codex-rx';
import {
  feedLog,
  memoryLog,
  serveGateway,
  type Feed,
  type Gateway,
  type GatewayOptions,
  type MemoryLogOptions,
} from 'codex-rx/gateway';
import { httpFetch } from '../../lib/node/http-fetch.js';
import type { SourceStage } from 'codex-rx/testing';
import { appServerStage, managerStage } from '../testing/checks/source-stages.js';

export const token = 'secret-of-the-spec';

export const bearer = { authorization: `Bearer ${token}` };

const closings: (() => unknown)[] = [];

/** What a spec has opened is closed after it, the last first. */
export const closeLater = (close: () => unknown): void => void closings.push(close);

afterEach(async () => {
  for (const close of closings.splice(0).reverse()) await close();
});

export interface Stage {
  readonly source: CodexStream;
  readonly feed: Feed;
  readonly gateway: Gateway;
}

/** A gateway in front of a stream, which it connects. */
export async function serve(
  source: CodexStream,
  options: GatewayOptions = {},
  bounds: MemoryLogOptions = {},
): Promise<Stage> {
  const feed = feedLog(source, memoryLog(bounds));
  const gateway = await serveGateway(feed, { token, ...options });
  closeLater(() => gateway.close());
  closeLater(() => source.close());
  closeLater(() => feed.close());
  await source.connect();
  return { source, feed, gateway };
}

/** A client as it is, without numbers: what a version before gateways is. */
export const plain: Partial<ManagerOptions> = {
  transport: (request, events) =>
    openWebSocket({ ...request, url: request.url.replace(/[?&]after=[^&]*/, '') }, events),
};

/** A client of a gateway, which is not connected yet. */
export function clientOf(
  { url }: Pick<Gateway, 'url'>,
  options: Partial<ManagerOptions> = {},
): ManagerStream {
  const stream = connectManager({
    url,
    token,
    reconnect: { base: 1, cap: 5 },
    random: () => 0,
    health: false,
    fetch: httpFetch,
    ...options,
  });
  closeLater(() => stream.close());
  return stream;
}

/** A source behind a gateway, for `describeSource`. */
export async function gatewayStage(
  create: () => Promise<SourceStage>,
  options: Partial<ManagerOptions> = {},
): Promise<SourceStage> {
  const behind = await create();
  const feed = feedLog(behind.stream, memoryLog());
  const gateway = await serveGateway(feed, { token });
  await behind.stream.connect();
  const stream = clientOf(gateway, options);
  return {
    ...behind,
    stream,
    // A client without numbers hears of a loss of the source in this way too.
    drop:
      options === plain
        ? behind.drop
        : () => {
            gateway.revoke(() => true);
          },
    async close() {
      feed.close();
      await gateway.close();
      await behind.stream.close();
      await behind.close();
    },
  };
}

export const behindManager = (options?: Partial<ManagerOptions>) =>
  gatewayStage(managerStage, options);

export const behindAppServer = (options?: Partial<ManagerOptions>) =>
  gatewayStage(appServerStage, options);
