import type { OperatorFunction as Step } from 'rxjs';
import type { Envelope } from '../envelope/index.js';
import type { Handler, Route, RouteOptions } from './route.js';

/**
 * Registers a handler behind one to five steps. The steps are matchers and operators, applied from
 * left to right and typed as in `pipe`; the matchers in front are keys of the index.
 *
 * @example
 * stream.on(forThread(id), ofAppServer('turn/completed'), ({ turnId }) => console.log(turnId));
 *
 * @throws TypeError that names the argument that is wrong.
 */
export interface AddRoute {
  /** Registers a handler behind one step: matchers and operators, as in `pipe`. */
  <A>(a: Step<Envelope, A>, handler: Handler<A>, options?: RouteOptions<A>): Route;
  /** Registers a handler behind two steps: matchers and operators, as in `pipe`. */
  <A, B>(
    a: Step<Envelope, A>,
    b: Step<A, B>,
    handler: Handler<B>,
    options?: RouteOptions<B>,
  ): Route;
  /** Registers a handler behind three steps: matchers and operators, as in `pipe`. */
  <A, B, C>(
    a: Step<Envelope, A>,
    b: Step<A, B>,
    c: Step<B, C>,
    handler: Handler<C>,
    options?: RouteOptions<C>,
  ): Route;
  /** Registers a handler behind four steps: matchers and operators, as in `pipe`. */
  <A, B, C, D>(
    a: Step<Envelope, A>,
    b: Step<A, B>,
    c: Step<B, C>,
    d: Step<C, D>,
    handler: Handler<D>,
    options?: RouteOptions<D>,
  ): Route;
  /** Registers a handler behind five steps: matchers and operators, as in `pipe`. */
  <A, B, C, D, E>(
    a: Step<Envelope, A>,
    b: Step<A, B>,
    c: Step<B, C>,
    d: Step<C, D>,
    e: Step<D, E>,
    handler: Handler<E>,
    options?: RouteOptions<E>,
  ): Route;
}
