import type { Observable, Subscription } from 'rxjs';
import type {
  Envelope,
  AppServerRequestEvent,
  AppServerRequestPayload,
  ServerRequestMethod,
} from '../envelope/index.js';
import type { CheckedRequest, Matcher } from '../match/index.js';
import type { Later } from '../async/index.js';
import type { ServerRequestParams } from '../protocol/index.js';
import type { HandlerError } from '../router/index.js';
import type { RequestRefusal } from './port.js';
import type { Recovery } from './recovery.js';
import type { AnswerOf, AnswerTo, ServerRequest } from './server-request.js';
import type { Decision, Outcome, Settlement } from './settlement.js';

/** Who answers, and why: for the audit. */
export interface AnswerNote {
  /** @default `answer` */
  readonly by?: string;
  readonly why?: string;
}

/** What a handler gets besides its request. */
export interface RequestContext {
  /**
   * Aborted when the request settles otherwise, when its deadline passes, or the handler is
   * removed.
   */
  readonly signal: AbortSignal;
  /** Records why the handler answers as it does: for the audit. */
  readonly because: (why: string) => void;
}

/**
 * Answers a request, now or later; with nothing (`undefined`, or an Observable that completes
 * empty) it leaves the request to the next handler.
 */
export type RequestHandler<Method extends string = string> = (
  request: ServerRequest<Method>,
  context: RequestContext,
) => Later<AnswerOf<Method> | undefined>;

/** How requests are served. */
export interface ServeOptions<Method extends string = string> {
  /**
   * Its name in the audit and in errors.
   *
   * @default the name of the handler
   */
  readonly name?: string;
  /**
   * How long the handler may take, in ms. Then the fallback answers.
   *
   * @default as long as it likes
   */
  readonly timeout?: number;
  /**
   * What answers when time is up. An answer that would let the agent do something is not sent.
   *
   * @default one that grants nothing, whatever the method
   */
  readonly fallback?: (request: ServerRequest<Method>) => AnswerOf<Method>;
  /** What happens to a request whose handler fails: it stays open, or the fallback answers it. */
  readonly onError?: 'leave' | 'fallback';
}

type KnownMethod = keyof ServerRequestParams;

/**
 * What a handler serves: a method, as on the wire (`item/tool/call`) or normalised
 * (`item.tool.call`), several, a matcher of its event, or a test of its value.
 */
export type RequestMatcher = string | readonly string[] | Matcher | RequestTest;

/** Picks requests by their value. */
export type RequestTest = (request: ServerRequest) => boolean;

/** As in {@link RequestMatcher}; for the compiler's inference, before the methods are checked. */
type OpenMatcher = OpenMethod | readonly OpenMethod[] | Matcher;
type OpenMethod = ServerRequestMethod | (string & {});

/** A matcher whose methods the types list; for any other method, what to write instead. */
export type CheckedMatcher<Source> = Source extends readonly unknown[]
  ? { readonly [Index in keyof Source]: CheckedRequest<Source[Index]> }
  : Source extends Matcher
    ? Source
    : CheckedRequest<Source>;

/** The wire methods that pass a matcher, as far as its type says. */
export type MethodOf<Source> = Source extends readonly (infer Method)[]
  ? MethodOf<Method>
  : Source extends string
    ? MethodOfEvent<AppServerRequestEvent<Source>>
    : Source extends Matcher<infer Match>
      ? MethodOfEvent<Match>
      : string;

type MethodOfEvent<Event> =
  Event extends Envelope<string, AppServerRequestPayload<infer Method>> ? Method : string;

/** Counters, which never go back, and what was found. */
export interface RequestStats extends Readonly<Record<Outcome, number>> {
  readonly opened: number;
  /** Answers of handlers that came too late. */
  readonly late: number;
  /**
   * What codex-manager had pending at the first connection, and for a kind that was served or
   * observed later, at that time; `null` until that is known.
   */
  readonly recovery: Recovery | null;
}

/**
 * What the agent asks, as values: each is opened once, answered at most once, and settled visibly.
 */
export interface ServerRequests {
  /** All that are not settled, the oldest first: now, and whenever that changes. */
  readonly pending$: Observable<readonly ServerRequest[]>;

  /** Each request once, when it opens. */
  readonly opened$: Observable<ServerRequest>;

  /** What became of each request, once. */
  readonly settled$: Observable<Settlement>;

  /** Each answer that code of this process has decided on, before it is sent: the audit. */
  readonly decisions$: Observable<Decision>;

  /**
   * Handlers that failed, and answers of theirs that did not count. Those that no subscriber hears
   * are written to the `log` of the stream.
   */
  readonly errors$: Observable<HandlerError>;

  /**
   * Each request that nothing has answered for `overdueAfter`, once. Those that have waited for so
   * long before the first subscriber came are emitted then.
   */
  readonly overdue$: Observable<ServerRequest>;

  /** The request with this key, if it is not settled yet. */
  get(key: string): ServerRequest | undefined;

  /**
   * Answers a request, once. Resolves when it is settled: look at the `outcome`. Rejects with an
   * `AnswerError` if the answer did not count.
   *
   * @example
   * await stream.requests.answer(request, accept(request));
   */
  answer<Method extends KnownMethod>(
    request: AppServerRequestEvent<Method>,
    answer: AnswerOf<Method>,
    note?: AnswerNote,
  ): Promise<Settlement>;
  answer<Request extends ServerRequest>(
    request: Request,
    answer: AnswerTo<NoInfer<Request>>,
    note?: AnswerNote,
  ): Promise<Settlement>;

  /**
   * Answers requests as they open, and those that are open now. A request goes to one handler after
   * the other, in the order of their registration, until one answers or fails; no handler sees it
   * twice. Ends when it is unsubscribed.
   *
   * The types list the methods that this version knows. A method of a newer server, or one in a
   * variable, goes through `ofType(requestType(method))`.
   *
   * @example
   * stream.requests.serve('item/tool/call', async (call) =>
   *   toolResult(await run(call.tool, call.arguments)),
   * );
   */
  serve<const Source extends OpenMatcher>(
    matcher: CheckedMatcher<Source>,
    handler: RequestHandler<MethodOf<Source>>,
    options?: ServeOptions<MethodOf<Source>>,
  ): Subscription;
  serve(test: RequestTest, handler: RequestHandler, options?: ServeOptions): Subscription;

  /**
   * Answers a request with an error. codex-manager takes none: there a tool call gets a failed
   * result with the message, and anything else rejects with an `AnswerError` of the kind
   * `unanswerable`: use {@link decline}.
   *
   * @param error Its message, or `{ message, code }`. Default of the code: -32601.
   */
  refuse(
    request: ServerRequest | AppServerRequestEvent,
    error: string | RequestRefusal,
    note?: AnswerNote,
  ): Promise<Settlement>;

  /**
   * Asks codex-manager what is pending in these threads: whether it could say. `codex app-server`
   * sends it by itself when a thread is resumed.
   */
  refresh(...threads: readonly string[]): Promise<boolean>;

  /** Counters: a snapshot. */
  stats(): RequestStats;
}
