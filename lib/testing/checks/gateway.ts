import type { Lazy } from '../../async/index.js';
import { checksOf, type Check } from './check.js';
import type { GatewayClient } from './gateway-client.js';

/** A server that speaks one of the two protocols, and how it is reached. */
export interface Gateway {
  /**
   * Its base url, `http(s):` or `ws(s):`. A function is asked for each check, and may answer later.
   */
  readonly url: Lazy<string>;
  /**
   * The protocol that it speaks.
   *
   * @default `codex-manager`
   */
  readonly protocol?: 'codex-manager' | 'app-server';
  /**
   * HTTP headers for each handshake and call.
   *
   * @default none
   */
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * Makes it send an envelope of codex-manager to its clients.
   *
   * @default none, and the checks of its filters are left out
   */
  readonly emit?: (frame: GatewayFrame) => void | Promise<void>;
}

/** An event of codex-manager that a gateway is made to send. */
export interface GatewayFrame {
  readonly type: string;
  readonly threadId: string | null;
  readonly payload: unknown;
}

/** How a check uses a gateway. Its connections are closed after it. */
export interface GatewayVisit {
  /**
   * @param path The path after the base url.
   * @param headers Replace those of the gateway.
   */
  readonly connect: (
    path: string,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<GatewayClient>;
  /** Calls its REST API: a GET, or a POST if there is a body. */
  readonly rest: (
    path: string,
    body?: object,
  ) => Promise<{ readonly status: number; readonly body: unknown }>;
  readonly emit: (frame: GatewayFrame) => void | Promise<void>;
  readonly headers: Readonly<Record<string, string>>;
}

/** One thing that a gateway must hold to. */
export interface GatewayCheck extends Check<GatewayVisit> {
  /** The option of the gateway that it needs; without it, the check is left out. */
  readonly needs: 'emit' | 'authorization' | null;
}

export const gatewayChecksOf = (
  needs: GatewayCheck['needs'],
  runs: Readonly<Record<string, GatewayCheck['run']>>,
): readonly GatewayCheck[] => checksOf(runs).map((check) => ({ ...check, needs }));
