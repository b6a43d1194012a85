/** The id of a server request: a JSON-RPC id. The first id of a server is the number 0. */
export type RequestId = string | number;

/**
 * One event of a Codex agent: plain, serialisable data, the same from either source.
 *
 * The three ids are `null` where the frame tells none. Members of a frame that this library does
 * not know are kept beside the five.
 */
export interface Envelope<Type extends string = string, Payload = unknown> {
  /** For example `app_server.item.started`, `app_server.request.item.tool.call`, `approval`. */
  readonly type: Type;
  readonly threadId: string | null;
  readonly turnId: string | null;
  readonly requestId: RequestId | null;
  readonly payload: Payload;
}
