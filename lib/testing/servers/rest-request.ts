import type { HttpHeaders } from './loopback.js';

/** A request to a REST API. */
export interface RestRequest {
  readonly method: string;
  /** The path and the query. */
  readonly url: string;
  readonly headers: HttpHeaders;
  /** The parsed body; `undefined` if there was none, or if it is not JSON. */
  readonly body: unknown;
}

/** The reply to a request to a REST API. */
export interface RestReply {
  readonly status: number;
  /** Sent as JSON. */
  readonly body: unknown;
}

/** A request and its reply. */
export interface RestCall extends RestRequest {
  /** The HTTP status of the reply; `null` as long as there is none. */
  readonly status: number | null;
}
