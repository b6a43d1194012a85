import { createHash, randomInt } from 'node:crypto';
import { Subscription } from 'rxjs';
import { createBoundedMap } from '../bounded/index.js';
import type { Envelope } from '../envelope/index.js';
import { identityOf, type ServerRequest, type ServerRequests } from '../requests/index.js';

/** A request as clients know it. */
export interface GatewayRequest {
  /** Its id in frames and in the routes of the dialect. It never comes again. */
  readonly id: number;
  /** Its key in the gateway's own routes. */
  readonly key: string;
  /** Its key in the `requests` of the source; `null` if those do not know it. */
  sourceKey: string | null;
}

/** How many requests are remembered, those that have ended included. */
const maxRemembered = 10_000;

/**
 * The requests of a source under ids of the gateway's. The source's own ids are counted, and from 0
 * again after a restart: a client that still shows an old request would answer another one.
 */
export function createRequestTable(requests: ServerRequests, epoch: string) {
  /** Safe integers, and others in the next process that feeds this log. */
  const firstId = randomInt(2 ** 30) * 2 ** 20;
  const byIdentity = createBoundedMap<string, GatewayRequest>(maxRemembered);
  const bySource = createBoundedMap<string, GatewayRequest>(maxRemembered);
  const byId = createBoundedMap<string, GatewayRequest>(maxRemembered);
  const byKey = createBoundedMap<string, GatewayRequest>(maxRemembered);
  const subscription = new Subscription();
  let count = 0;
  let pending: readonly ServerRequest[] = [];

  function add(event: Envelope, sourceKey: string | null): GatewayRequest {
    const id = firstId + count++;
    const hash = createHash('sha256').update(`${epoch} ${id} ${identityOf(event)}`);
    const key = hash.digest('base64url').slice(0, 22);
    const request: GatewayRequest = { id, key, sourceKey };
    byIdentity.set(identityOf(event), request);
    bySource.set(sourceOf(event), request);
    byId.set(String(id), request);
    byKey.set(key, request);
    return request;
  }

  function open({ event, key }: ServerRequest): void {
    const known = byIdentity.get(identityOf(event));
    // A request that opens again has a new id, whatever its own.
    if (known?.sourceKey === null) known.sourceKey = key;
    else add(event, key);
  }

  subscription.add(requests.opened$.subscribe(open));
  let isFirst = true;
  subscription.add(
    requests.pending$.subscribe((all) => {
      pending = all;
      if (isFirst) all.forEach(open);
    }),
  );
  isFirst = false;

  const openOf = (request: GatewayRequest | undefined): ServerRequest | undefined =>
    request && request.sourceKey !== null ? requests.get(request.sourceKey) : undefined;

  return {
    /** What an event that opens a request is known by. */
    opened: (event: Envelope): GatewayRequest =>
      byIdentity.get(identityOf(event)) ?? add(event, null),
    /** The id for one that an event names; a new one if the request is not known. */
    idOf: (event: Envelope): number => (bySource.get(sourceOf(event)) ?? add(event, null)).id,
    /** The open request with an id of the gateway's. */
    byId: (id: string): ServerRequest | undefined => openOf(byId.get(id)),
    byKey: (key: string): ServerRequest | undefined => openOf(byKey.get(key)),
    /** The requests that are open now, the oldest first. */
    pending: (): readonly ServerRequest[] => pending,
    stop() {
      subscription.unsubscribe();
    },
  };
}

export type RequestTable = ReturnType<typeof createRequestTable>;

const sourceOf = ({ requestId, threadId }: Envelope): string =>
  JSON.stringify([String(requestId), threadId]);
