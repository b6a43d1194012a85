import type { Observable } from 'rxjs';
import type { Envelope } from '../../envelope/index.js';
import type { HandlerError } from '../../router/index.js';
import type { SubscriptionLog } from './explain-subscriptions.js';
import type { SentAnswer } from './rest.js';
import type { MarbleStream, MarbleStreamOptions } from './stream.js';
import type { Values } from './letters.js';

/** An Observable that a diagram plays, and when it was subscribed to. */
export interface MarbleSource<T> extends Observable<T> {
  readonly subscriptions: readonly SubscriptionLog[];
}

/**
 * As much of a failure of a handler as is expected; what is left out may be anything. An Error is the
 * `cause`.
 */
export type ExpectedError =
  Error | Partial<Pick<HandlerError, 'route' | 'phase' | 'envelope' | 'message' | 'cause'>>;

/** Where failures of handlers are told. */
export type ErrorSource =
  | Observable<HandlerError>
  | { readonly errors$: Observable<HandlerError> }
  | { readonly router: { readonly errors$: Observable<HandlerError> } };

/** Plays a diagram: of the alphabet, or of values. */
export interface PlayDiagram {
  (diagram: string): MarbleSource<Envelope>;
  <T>(diagram: string, values: Values<T>, error?: unknown): MarbleSource<T>;
}

/** What a marble test works with. */
export interface MarbleHelpers {
  /**
   * An Observable that runs whether somebody is subscribed or not. Letters without a value are those
   * of the alphabet.
   *
   * @example
   * hot('-t-d-d-c-|')
   * hot('-a-b-|', { a: envelope('a'), b: envelope('b') })
   * hot('-0-1-2-|', turn())
   */
  readonly hot: PlayDiagram;

  /** An Observable that begins anew for each subscriber; otherwise like {@link hot}. */
  readonly cold: PlayDiagram;

  /**
   * A real stream over a connection that the diagram plays. What a letter means happens at the
   * server: who is connected hears of it. And:
   *
   * - `!` cuts the connection. It is back at once, or with the next `^`: what happens between the two
   *   is missed, and no answer comes through.
   * - `^` at first: nobody can connect before.
   * - `?` is a frame that cannot be read.
   * - `|` closes the stream.
   * - `#` lets nobody in any more: the stream closes itself.
   *
   * It connects when the code under test connects it, or subscribes to `events$`.
   *
   * @example
   * const source = stream('-t-d-!--^-d-c-|');
   * expectEnvelopes(source).toBe('-t-d------d-c-|');
   * expectObservable(source.gaps$.pipe(map((gap) => gap.duration))).toBe('--------g-----|', { g: 5 });
   */
  readonly stream: (
    diagram: string,
    values?: Values,
    options?: MarbleStreamOptions,
  ) => MarbleStream;

  /** How long the diagram of a time is, in ms: `time('---|')` is 3. */
  readonly time: (diagram: string) => number;

  /** Lets time run to its end, and checks what is expected so far. */
  readonly flush: () => void;

  /** When an animation frame is painted. */
  readonly animate: (diagram: string) => void;

  /**
   * What an Observable should do. Without values, letters are themselves, as in RxJS; where events
   * come, they are those of the alphabet.
   *
   * @param life From when to when it is subscribed to: `'--^---!'`. Default: from the beginning on.
   */
  expectObservable<T>(source: Observable<T>, life?: string): ExpectedObservable<T>;

  /** When a source of this test should have been subscribed to: `'^---!'`, or several. */
  readonly expectSubscriptions: (subscriptions: readonly SubscriptionLog[]) => {
    readonly toBe: (diagrams: string | readonly string[]) => void;
  };

  /**
   * Which events should come, of a stream or any Observable of events. Letters without a value are
   * those of the alphabet.
   *
   * @example
   * expectEnvelopes(source.events$.pipe(forThread('thread-1'))).toBe('-t-d-c-|');
   */
  readonly expectEnvelopes: (
    source: Observable<Envelope> | { readonly events$: Observable<Envelope> },
    life?: string,
  ) => { readonly toBe: (diagram: string, values?: Values<Envelope>) => void };

  /**
   * Which failures of handlers should be told: by a stream (of its router), a router, `requests` or
   * an Observable of them. A letter without a value is any failure on that event of the alphabet.
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
   * Which answers should come to the server of a {@link stream}. Without values, `a` accepts,
   * `s` does so for the session, `d` declines and `c` cancels.
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

export interface ExpectedObservable<T> {
  readonly toBe: (diagram: string, values?: Values, error?: unknown) => void;
  /** It should do what this one does. */
  readonly toEqual: (other$: Observable<T>) => void;
}
