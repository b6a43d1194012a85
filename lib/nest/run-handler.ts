import type { MessageHandler } from '@nestjs/microservices';
import { from, isObservable, mergeMap, Observable, of } from 'rxjs';
import { visibleLine } from '../text/index.js';
import type { CodexContext } from './codex-context.js';

/** Runs around each handler: what an application has hooked into its transports. */
export interface ProcessingHooks {
  start(context: CodexContext, run: () => Promise<void>): void;
  end(context: CodexContext): void;
}

/**
 * Runs a handler of Nest, with its guards, interceptors, pipes and filters, when it is subscribed.
 * Emits what the handler returned: a value, or the values of its Observable.
 *
 * @param createContext Gets what is aborted when the run is given up before its end.
 */
export const runHandler = (
  handler: MessageHandler,
  data: unknown,
  createContext: (signal: AbortSignal) => CodexContext,
  hooks: ProcessingHooks,
): Observable<unknown> =>
  new Observable((subscriber) => {
    const abort = new AbortController();
    const context = createContext(abort.signal);
    let isOver = false;
    const end = () => {
      isOver = true;
      hooks.end(context);
    };
    subscriber.add(() => {
      if (isOver) return;
      end();
      abort.abort(
        new Error(`The result of the handler of ${visibleLine(context.event.type)} is not wanted.`),
      );
    });
    hooks.start(context, () => {
      const result$ = from(handler(data, context)).pipe(
        mergeMap((result: unknown) => (isObservable(result) ? result : of(result))),
      );
      subscriber.add(
        result$.subscribe({
          next: (value) => {
            subscriber.next(value);
          },
          error: (error: unknown) => {
            end();
            subscriber.error(error);
          },
          complete: () => {
            end();
            subscriber.complete();
          },
        }),
      );
      return Promise.resolve();
    });
  });
