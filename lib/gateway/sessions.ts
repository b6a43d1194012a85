import type { Reply } from './http.js';

/** A body of JSON, read as if every member existed. */
export type Body = Readonly<Record<string, unknown>>;

/** What the routes of sessions ask of a source. Each rejects with a `Refusal`. */
export interface Sessions {
  /** @param query What the client asks for, as it is in the url. */
  list(query: string): Promise<Reply>;
  read(threadId: string): Promise<Reply>;
  create(body: Body): Promise<Reply>;
  send(threadId: string, body: Body): Promise<Reply>;
  interrupt(threadId: string, body: Body): Promise<Reply>;
  steer(threadId: string, turnId: string, body: Body): Promise<Reply>;
  rename(threadId: string, body: Body): Promise<Reply>;
  remove(threadId: string): Promise<Reply>;
}
