import type { OperatorFunction as Step } from 'rxjs';
import type { Envelope } from '../envelope/index.js';
import type { Handler, Route, RouteOptions } from './route.js';

/**
 * Registers a handler behind one to five steps. The steps are matchers and operators, applied from
 * left to right and typed as in `pipe`; the matchers in front are keys of the index.
 *
 * @example
 * stream.on(forThread(id), ofAppServer('turn/completed'), (event) => done(event.payload.params.turn));
 *
 * @throws TypeError that names the argument that is wrong.
 */
export interface AddRoute {
  <A>(a: Step<Envelope, A>, handler: Handler<A>, options?: RouteOptions<A>): Route;
  <A, B>(
    a: Step<Envelope, A>,
    b: Step<A, B>,
    handler: Handler<B>,
    options?: RouteOptions<B>,
  ): Route;
  <A, B, C>(
    a: Step<Envelope, A>,
    b: Step<A, B>,
    c: Step<B, C>,
    handler: Handler<C>,
    options?: RouteOptions<C>,
  ): Route;
  <A, B, C, D>(
    a: Step<Envelope, A>,
    b: Step<A, B>,
    c: Step<B, C>,
    d: Step<C, D>,
    handler: Handler<D>,
    options?: RouteOptions<D>,
  ): Route;
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
