import type { Observable } from 'rxjs';
import type { AppServerRequestEvent } from '../envelope/index.js';
import type {
  ClientRequestParams,
  ClientRequestResults,
  ExperimentalClientRequestParams,
  ExperimentalClientRequestResults,
  ParamsArgument,
  ServerRequestAnswers,
} from '../protocol/index.js';
import type { CodexStream } from '../stream/index.js';
import type { CallOptions } from './calls.js';
import type { ProtocolDrift } from './drift.js';
import type { UnansweredRequest } from './open-requests.js';

/** What a server says of itself in the handshake. */
export interface ServerInfo {
  readonly userAgent: string;
  readonly codexHome: string;
  readonly platformFamily: string;
  readonly platformOs: string;
}

/** The methods that a client may call, each with its params and its result. */
export interface StableMethods {
  readonly params: ClientRequestParams;
  readonly results: ClientRequestResults;
}

/** The same with the experimental methods and fields: for a stream made with `experimental: true`. */
export interface ExperimentalMethods {
  readonly params: ExperimentalClientRequestParams;
  readonly results: ExperimentalClientRequestResults;
}

interface AnyMethods {
  readonly params: object;
  readonly results: object;
}

/** The stream of a `codex app-server`. */
export interface AppServerStream<Methods extends AnyMethods = StableMethods> extends CodexStream {
  /**
   * Calls a method of the server: opens the stream until `close()`, and waits until it is connected.
   * The result settles before the next event is dispatched. A server that is overloaded is asked
   * again. When the connection is lost the call rejects, for nobody knows what became of it: it is
   * never sent again by itself.
   *
   * @example
   * const { thread } = await stream.call('thread/start', { cwd: '/work' });
   *
   * Rejects with a `CallError`, whose `kind` says why, and `outcomeUnknown` whether the server may
   * have done it all the same.
   */
  call<Method extends keyof Methods['params'] & keyof Methods['results'] & string>(
    method: Method,
    ...args: [...ParamsArgument<Methods['params'][Method]>, options?: CallOptions]
  ): Promise<Methods['results'][Method]>;

  /**
   * Answers a server request, once: whether it was still open. An answer that could not be sent is
   * sent when the stream is back and the server asks again.
   */
  answer<Method extends keyof ServerRequestAnswers>(
    request: AppServerRequestEvent<Method>,
    answer: ServerRequestAnswers[Method],
  ): boolean;

  /** Answers a server request with an error: whether it was still open. */
  refuse(request: AppServerRequestEvent, message: string, code?: number): boolean;

  /** The server requests that nobody has answered yet, the oldest first. */
  unanswered(): readonly UnansweredRequest[];

  /** Tells of each request that has not been answered for `unansweredAfter`. */
  readonly unanswered$: Observable<UnansweredRequest>;

  /** What the server said of itself last; `null` before the first handshake. */
  readonly server: ServerInfo | null;

  /** What the server has said that the types of this version do not list. */
  drift(): ProtocolDrift;
}
