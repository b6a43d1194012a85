/** The id of a server request: a JSON-RPC id. The first id of a server is the number 0. */
export type RequestId = string | number;

/**
 * One event of a Codex agent: plain, serializable data, the same from either source.
 *
 * An id is `null` where the frame has none. After a matcher whose method always carries an id, such
 * as `ofAppServer('item/started')`, its type is `string`; from a server that breaks its own schema
 * it is `null` even then. Members of a frame that this library does not know are kept next to the
 * five.
 */
export interface Envelope<
  Type extends string = string,
  Payload = unknown,
  ThreadId extends string | null = string | null,
  TurnId extends string | null = string | null,
  Id extends RequestId | null = RequestId | null,
> {
  /** For example `app_server.item.started`, `app_server.request.item.tool.call`, `approval`. */
  readonly type: Type;
  readonly threadId: ThreadId;
  readonly turnId: TurnId;
  readonly requestId: Id;
  readonly payload: Payload;
}
