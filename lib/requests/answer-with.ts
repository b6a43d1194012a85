import { mergeMap, type OperatorFunction } from 'rxjs';
import type { AppServerRequestPayload, Envelope } from '../envelope/index.js';
import type { ServerRequest } from './server-request.js';
import type { RequestHandler, ServeOptions, ServerRequests } from './server-requests.js';
import type { Settlement } from './settlement.js';

/** The method of a request, given the type of its value or of its event. */
type MethodOfRequest<Request> =
  Request extends ServerRequest<infer Method>
    ? Method
    : Request extends Envelope<string, AppServerRequestPayload<infer Method>>
      ? Method
      : string;

/**
 * Lets a handler answer the requests that pass: as values, or as their events. Emits how each is
 * settled. A request that comes again is not handled again.
 *
 * @example
 * stream.events$
 *   .pipe(ofAppServerRequest('item/tool/call'), answerWith(stream, ({ params }) => run(params)))
 *   .subscribe(({ outcome }) => console.log(outcome));
 */
export const answerWith = <Request extends ServerRequest | Envelope>(
  { requests }: { readonly requests: Pick<ServerRequests, 'respond'> },
  handler: RequestHandler<MethodOfRequest<Request>>,
  options?: ServeOptions<MethodOfRequest<Request>>,
): OperatorFunction<Request, Settlement> =>
  mergeMap((request) =>
    requests.respond(
      request as ServerRequest,
      handler as unknown as RequestHandler,
      options as unknown as ServeOptions,
    ),
  );
