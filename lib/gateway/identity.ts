import type { IncomingMessage } from 'node:http';

/** Who a connection belongs to, and what it may see and do. */
export interface GatewayIdentity {
  /** Its name in the audit of answers. */
  readonly name: string;
  /**
   * Whether it may see a thread. Left out: everything, the events of no thread included, which no
   * other identity gets. Sub-agents have threads too. Numbers (`seq`) show how busy others are.
   */
  readonly sees?: ((threadId: string) => boolean) | undefined;
  /**
   * Whether it may answer, send, interrupt and the like.
   *
   * @default false
   */
  readonly answers?: boolean | undefined;
}

/**
 * Decides about each connection and each request over HTTP; `null` refuses it with 401.
 *
 * @param token The bearer token, from the `Authorization` header or the subprotocol; `null` without
 *   one.
 */
export type Authorize = (
  request: IncomingMessage,
  token: string | null,
) => GatewayIdentity | null | PromiseLike<GatewayIdentity | null>;

/** Whether an identity may see what belongs to this thread, or to none. */
export const maySee = ({ sees }: GatewayIdentity, threadId: string | null): boolean =>
  sees === undefined || (threadId !== null && sees(threadId));

export const seesAll = ({ sees }: GatewayIdentity): boolean => sees === undefined;
