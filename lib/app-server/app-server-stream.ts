import type { Observable } from 'rxjs';
import type {
  ClientRequestParams,
  ClientRequestResults,
  ExperimentalClientRequestParams,
  ExperimentalClientRequestResults,
  ParamsArgument,
} from '../protocol/index.js';
import type { CodexStream } from '../stream/index.js';
import type { Call, CallOptions } from './calls.js';
import type { ProtocolDrift } from './drift.js';
import type { ServerInfo } from './server-info.js';
import type { CallPartials } from './partial-calls.js';

/** The methods that a client may call, each with its params and its result. */
export interface StableMethods {
  readonly params: ClientRequestParams;
  readonly results: ClientRequestResults;
}

/**
 * The same with the experimental methods and fields: for a stream made with `experimental: true`.
 */
export interface ExperimentalMethods {
  readonly params: ExperimentalClientRequestParams;
  readonly results: ExperimentalClientRequestResults;
}

/** Any methods, each with its params and its result. */
export interface AnyMethods {
  readonly params: object;
  readonly results: object;
}

/** The stream of a `codex app-server`. */
export interface AppServerStream<Methods extends AnyMethods = StableMethods> extends CodexStream {
  /**
   * Calls a method of the server: opens the stream until `close()`, and waits until it is
   * connected. The result settles before the next event is dispatched. A server that is overloaded
   * is asked again. When the connection is lost the call rejects, since its outcome is unknown: the
   * stream never sends a call twice.
   *
   * @example
   * const { thread } = await stream.call('thread/start', { cwd: '/work' });
   *
   * The promise has the `id` of the call. It rejects with a `CallError`, whose `kind` says why, and
   * `outcomeUnknown` whether the server may still have done it.
   */
  call<Method extends keyof Methods['params'] & keyof Methods['results'] & string>(
    method: Method,
    ...args: [...ParamsArgument<Methods['params'][Method]>, options?: CallOptions]
  ): Call<Methods['results'][Method]>;

  /**
   * The same as an Observable, which calls when it is subscribed. It emits the partial results that
   * the server sends, and the result last. Unsubscribing gives the call up, and cancels it where
   * the protocol has a method for that.
   *
   * @example
   * import { connectAppServer } from 'codex-rx/node';
   *
   * const stream = connectAppServer({ experimental: true });
   * stream.call$('thread/search/stream', { searchTerm: 'rxjs' }).subscribe(console.log);
   */
  call$<Method extends keyof Methods['params'] & keyof Methods['results'] & string>(
    method: Method,
    ...args: [...ParamsArgument<Methods['params'][Method]>, options?: CallOptions]
  ): Observable<
    Methods['results'][Method] | (Method extends keyof CallPartials ? CallPartials[Method] : never)
  >;

  /** What the server said of itself in the last handshake; `null` before the first one. */
  readonly server: ServerInfo | null;

  /**
   * What the server has said that the types of this version do not list: methods, and the variants
   * of what clients look at. With the option `drift` all that it sends is compared with the schema.
   */
  drift(): ProtocolDrift;
}
