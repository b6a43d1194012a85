import type { Observable } from 'rxjs';
import type { Envelope } from '../../envelope/index.js';
import type { HandlerError } from '../../router/index.js';
import type { SubscriptionLog } from './explain-subscriptions.js';
import type { SentAnswer } from './rest.js';
import type { MarbleStream, MarbleStreamOptions } from './stream.js';
import type { Values } from './letters.js';

/** An Observable that a diagram plays, and its subscriptions. */
export interface MarbleSource<T> extends Observable<T> {
  readonly subscriptions: readonly SubscriptionLog[];
}

/**
 * The expected members of a failure of a handler; the others may be anything. An Error is the
 * `cause`.
 */
export type ExpectedError =
  Error | Partial<Pick<HandlerError, 'route' | 'kind' | 'envelope' | 'message' | 'cause'>>;

/** What reports failures of handlers. */
export type ErrorSource =
  | Observable<HandlerError>
  | { readonly errors$: Observable<HandlerError> }
  | { readonly router: { readonly errors$: Observable<HandlerError> } };

/** Plays a diagram of the alphabet, or of values. */
export interface PlayDiagram {
  (diagram: string): MarbleSource<Envelope>;
  <T>(diagram: string, values: Values<T>, error?: unknown): MarbleSource<T>;
}

/** What a marble test has at hand. */
export interface MarbleTest {
  /**
   * A hot Observable: it runs without a subscriber, too. Letters without a value are those of the
   * alphabet.
   *
   * @example
   * hot('-t-d-d-c-|')
   * hot('-a-b-|', { a: envelope('a'), b: envelope('b') })
   * hot('-0-1-2-|', turn())
   */
  readonly hot: PlayDiagram;

  /** A cold Observable: it begins with each subscriber; otherwise like {@link hot}. */
  readonly cold: PlayDiagram;

  /**
   * A real stream over a connection that the diagram plays. A letter is an event at the server,
   * which sends it to the clients that are connected then. And:
   *
   * - `!` cuts the connection. It is back at once, or with the next `^`: events between the two are
   * missed, and no answer reaches the server.
   * - `^` at first: the stream cannot connect before.
   * - `?` is a frame that cannot be read.
   * - `|` closes the stream.
   * - `#` refuses each handshake from then on: the stream closes itself.
   *
   * It connects when the code under test connects it, or subscribes to `events$`.
   *
   * @example
   * const source = stream('-t-d-!--^-d-c-|');
   * expectEnvelopes(source).toBe('-t-d------d-c-|');
   * const durations$ = source.gaps$.pipe(map((gap) => gap.duration));
   * expectObservable(durations$).toBe('--------g-----|', { g: 5 });
   */
  readonly stream: (
    diagram: string,
    values?: Values,
    options?: MarbleStreamOptions,
  ) => MarbleStream;

  /** The length of a diagram, in ms: `time('---|')` is 3. */
  readonly time: (diagram: string) => number;

  /** Runs virtual time to its end, and checks the expectations so far. */
  readonly flush: () => void;

  /** Paints animation frames as a diagram says. */
  readonly animate: (diagram: string) => void;

  /**
   * Expects notifications of an Observable. Without values, letters are themselves, as in RxJS;
   * where the values are events, letters are those of the alphabet.
   *
   * @param life When to be subscribed: `'--^---!'`. Default: from the beginning on.
   */
  expectObservable<T>(source: Observable<T>, life?: string): ExpectedObservable<T>;

  /** Expects subscriptions to a source of this test: `'^---!'`, or several. */
  readonly expectSubscriptions: (subscriptions: readonly SubscriptionLog[]) => {
    readonly toBe: (diagrams: string | readonly string[]) => void;
  };

  /**
   * Expects events of a stream, or of any Observable of events. Letters without a value are those
   * of the alphabet.
   *
   * @example
   * expectEnvelopes(source.events$.pipe(forThread('thread-1'))).toBe('-t-d-c-|');
   */
  readonly expectEnvelopes: (
    source: Observable<Envelope> | { readonly events$: Observable<Envelope> },
    life?: string,
  ) => { readonly toBe: (diagram: string, values?: Values<Envelope>) => void };

  /**
   * Expects reports of failed handlers from a stream (of its router), a router, `requests` or an
   * Observable of them. A letter without a value is any failure on that event of the alphabet.
   *
   * @example
   * router.on(ofTurnStarted(), fail, { name: 'save' });
   * expectErrors(router).toBe('-t', { t: { route: 'save', cause: new Error('boom') } });
   */
  readonly expectErrors: (
    source: ErrorSource,
    life?: string,
  ) => { readonly toBe: (diagram: string, values?: Values<ExpectedError>) => void };

  /**
   * Expects answers at the server of a {@link stream}. Without values, `a` accepts, `s` accepts for
   * the session, `d` declines and `c` cancels.
   *
   * @param requestId Only the answers to this request.
   *
   * @example
   * const source = stream('-t-r----c-|');
   * source.requests.serve(approvals, (request) => timer(2).pipe(map(() => decline(request))));
   * expectAnswers(source).toBe('-----d');
   */
  readonly expectAnswers: (
    stream: { readonly answers$: Observable<SentAnswer> },
    requestId?: SentAnswer['requestId'],
  ) => { readonly toBe: (diagram: string, values?: Values<object>) => void };
}

/** What is expected of an Observable. */
export interface ExpectedObservable<T> {
  readonly toBe: (diagram: string, values?: Values, error?: unknown) => void;
  /** Expects the same notifications as those of another Observable. */
  readonly toEqual: (other$: Observable<T>) => void;
}
