import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { throwError, type Observable } from 'rxjs';

/**
 * Lets every exception of a handler through to `errors$` as it is. Without a filter, Nest turns
 * everything but an `RpcException` into `Internal server error`, and writes the exception to its
 * own log. For controllers, or for a whole microservice; not for the HTTP of a hybrid application.
 *
 * @example
 * app.useGlobalFilters(new CodexExceptionFilter());
 */
export class CodexExceptionFilter implements ExceptionFilter {
  static {
    Catch()(this);
  }

  catch(exception: unknown, host: ArgumentsHost): Observable<never> {
    if (host.getType() !== 'rpc') throw exception;
    return throwError(() => exception as Error);
  }
}
