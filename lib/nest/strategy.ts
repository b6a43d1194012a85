import { Server, type CustomTransportStrategy, type MessageHandler } from '@nestjs/microservices';
import { AsyncSubject, catchError, EMPTY, Subscription, type Observable } from 'rxjs';
import type { Matcher } from '../match/index.js';
import { has, mustBe } from '../options/index.js';
import type { RequestHandler } from '../requests/index.js';
import type { HandlerError, StreamContext } from '../router/index.js';
import type { ConnectionStatus } from '../socket/index.js';
import type { CodexStream } from '../stream/index.js';
import { CodexContext, type ContextParts } from './codex-context.js';
import type { CodexExtras } from './decorators.js';
import { Drain } from './drain.js';
import { runHandler, type ProcessingHooks } from './run-handler.js';
import { codexTransport } from './names.js';
import { eventMatcher, requestMatcher } from './pattern.js';
import { isRefusedByGuard } from './refusal.js';
import { strategySettings, type StrategyOptions } from './strategy-options.js';

/** What `strategy.on(name, callback)` listens to. */
export interface StrategyEvents extends Record<string, (...values: never[]) => unknown> {
  /** A handler of events has failed. */
  error: (error: HandlerError) => unknown;
}

/** What a strategy has done so far. Counts never go back. */
export interface StrategyStats {
  /** Handlers that are running now. */
  readonly running: number;
  /** Events and requests that a guard has refused. They are no failures. */
  readonly refused: number;
  /** Events that came, or still waited, when the shutdown had begun. */
  readonly dropped: number;
}

/**
 * The events of a stream as a transport of Nest. Each handler is a route of the stream's router:
 * handlers of one pattern do not touch each other, and failures go to `router.errors$`.
 *
 * It closes its stream when the application closes.
 *
 * @example
 * const app = await NestFactory.createMicroservice(AppModule, {
 *   strategy: new CodexStrategy(connectManager({ url })),
 * });
 */
export class CodexStrategy
  extends Server<StrategyEvents, ConnectionStatus['state']>
  implements CustomTransportStrategy
{
  /**
   * Emits when the shutdown has begun, and completes. Responses that never end by themselves have
   * to end then: an application waits for them before it closes.
   *
   * @example
   * const events$ = stream.events$.pipe(takeUntil(strategy.closing$));
   */
  readonly closing$: Observable<void>;
  readonly #closing = new AsyncSubject<void>();
  readonly #stream: CodexStream;
  readonly #settings: ReturnType<typeof strategySettings>;
  /** Register the handlers, in their order, when the transport starts. */
  readonly #registrations: (() => Pick<Subscription, 'unsubscribe'>)[] = [];
  readonly #routes = new Subscription();
  readonly #drain = new Drain();
  readonly #hooks: ProcessingHooks = {
    start: (context, run) => {
      this.onProcessingStartHook(this.transportId as symbol, context, run);
    },
    end: (context) => {
      (this.onProcessingEndHook as typeof this.onProcessingEndHook | undefined)?.(
        this.transportId as symbol,
        context,
      );
    },
  };
  #refused = 0;
  #dropped = 0;
  #serves = false;
  /** Whether the source waits for the end of each event, and so ends them itself when it closes. */
  #acknowledges = false;
  #drained: Promise<void> | null = null;

  /** @throws TypeError that names what is wrong. */
  constructor(stream: CodexStream, options: StrategyOptions = {}) {
    super();
    mustBe(has(stream, 'connect') && has(stream, 'on'), 'stream', 'a CodexStream');
    this.#stream = stream;
    this.closing$ = this.#closing.asObservable();
    this.#settings = strategySettings(options);
    this.transportId = codexTransport(options.stream);
    // Failures go to `errors$`; Nest 12 would write them to its log as well, and Nest 11 knows
    // nothing of it.
    Object.assign(this, { propagatesEventHandlerErrors: true });
    this.#routes.add(
      stream.status$.subscribe(({ state }) => {
        this._status$.next(state);
      }),
    );
  }

  stats(): StrategyStats {
    return { running: this.#drain.running, refused: this.#refused, dropped: this.#dropped };
  }

  /** Called by Nest for each handler. */
  override addHandler(
    pattern: unknown,
    handler: MessageHandler,
    isEventHandler = false,
    extras: CodexExtras = {},
  ): void {
    // Nest's own would join the handlers of a pattern: there one that fails cancels the others.
    const { codex } = extras;
    if (isEventHandler) {
      const matcher = eventMatcher(pattern);
      if (matcher === null) return;
      const onEvent = this.#eventHandler(handler);
      this.#registrations.push(() => this.#stream.on(matcher, onEvent, codex));
    } else {
      const matcher = requestMatcher(pattern);
      if (matcher === null) return;
      this.#serves = true;
      const options = { name: String(pattern), ...codex };
      const onRequest = this.#requestHandler(handler);
      this.#registrations.push(() =>
        this.#stream.requests.serve(matcher as Matcher, onRequest, options),
      );
    }
  }

  /** Called by Nest: registers the handlers, and connects the stream. */
  listen(callback: (error?: unknown) => void): void {
    for (const register of this.#registrations.splice(0)) this.#routes.add(register());
    const { readyTimeout } = this.#settings;
    if (readyTimeout === 0) {
      this.#connect();
      callback();
      return;
    }
    this.#stream.connect({ timeout: readyTimeout }).then(() => {
      callback();
    }, callback);
  }

  /**
   * Handles no further event, and waits for the handlers that are running. Called by Nest, in a
   * hybrid application before it closes its servers.
   */
  onModuleDestroy(): Promise<void> {
    return (this.#drained ??= this.#finish());
  }

  /** Connects the stream of an application that has not attached its strategy. */
  onApplicationBootstrap(): void {
    if (this.#registrations.length === 0) this.#connect();
  }

  /** Called by Nest: waits for the handlers that are running, and closes the stream. */
  async close(): Promise<void> {
    await this.onModuleDestroy();
    await this.#stream.close();
  }

  onApplicationShutdown(): Promise<void> {
    return this.close();
  }

  /** Listens to the `errors$` of the router, which are then not written to its log. */
  on<Name extends keyof StrategyEvents>(name: Name, callback: StrategyEvents[Name]): this {
    mustBe(name === 'error', 'name', '"error"');
    const report = callback as StrategyEvents['error'];
    this.#routes.add(this.#stream.router.errors$.subscribe(report));
    return this;
  }

  /** The stream. */
  // The type is Nest's.
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters
  unwrap<T = CodexStream>(): T {
    return this.#stream as T;
  }

  #connect(): void {
    this.#stream.connect().catch(() => undefined); // the stream says so on `status$`
  }

  async #finish(): Promise<void> {
    this.#drain.hasBegun = true;
    this.#closing.next();
    this.#closing.complete();
    const { drainTimeout } = this.#settings;
    const closed = this.#acknowledges ? this.#stream.close() : null;
    await this.#drain.settled(this.#serves ? this.#stream.requests : null, drainTimeout);
    const { running } = this.#drain;
    if (running > 0) {
      this.logger.warn(
        `${running} handlers still run ${drainTimeout} ms after the shutdown began.`,
      );
    }
    this.#routes.unsubscribe();
    await closed;
  }

  #eventHandler(handler: MessageHandler) {
    return (event: ContextParts['event'], received: StreamContext): unknown => {
      this.#acknowledges ||= received.settled !== undefined;
      if (this.#drain.hasBegun && !this.#acknowledges) {
        this.#dropped++;
        return undefined;
      }
      return this.#run(handler, event, (signal) => ({ event, signal, received }));
    };
  }

  #requestHandler(handler: MessageHandler): RequestHandler {
    return (request, { signal, because }) => {
      if (this.#drain.hasBegun) return undefined;
      const { event } = request;
      return this.#run(handler, request, () => ({ event, signal, request, because })) as never;
    };
  }

  #run(
    handler: MessageHandler,
    data: unknown,
    partsOf: (signal: AbortSignal) => Omit<ContextParts, 'stream'>,
  ): Observable<unknown> {
    const contextOf = (signal: AbortSignal) =>
      new CodexContext({ ...partsOf(signal), stream: this.#stream });
    return this.#drain.watch(runHandler(handler, data, contextOf, this.#hooks)).pipe(
      catchError((error: unknown) => {
        if (!isRefusedByGuard(error)) throw error;
        this.#refused++;
        return EMPTY;
      }),
    );
  }
}
