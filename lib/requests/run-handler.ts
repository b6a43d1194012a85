import { isObservable, Subscription, take, timer, type Observable } from 'rxjs';
import { has } from '../options/index.js';
import { watch } from '../router/shield.js';
import { visibleLine } from '../text/index.js';
import type { RequestHandler } from './server-requests.js';
import type { ServerRequest } from './server-request.js';

/** How the run of a handler ends: one of these, once; `late` may follow. */
export interface RunEvents {
  answered(answer: object, why: string | null): void;
  passed(): void;
  failed(cause: unknown): void;
  timedOut(): void;
  /** An answer came when the run was over. */
  late(): void;
}

/** A handler at work. */
export interface Run {
  /** Ends it and gives the reason; what it still answers is late. */
  end(reason: string): void;
}

export function runHandler(
  request: ServerRequest,
  handler: RequestHandler,
  timeout: number | undefined,
  events: RunEvents,
): Run {
  const abort = new AbortController();
  const life = new Subscription();
  let why: string | null = null;
  let isOver = false;

  /** Takes the first word of the handler, and no other. */
  const once = (report: () => void) => {
    if (isOver) return;
    isOver = true;
    life.unsubscribe();
    report();
  };
  const end = (reason: string) => {
    once(() => {
      abort.abort(new Error(`${visibleLine(request.method)}: ${reason}.`));
    });
  };
  const failed = (cause: unknown) => {
    once(() => {
      events.failed(cause);
    });
  };
  const answered = (answer: unknown) => {
    const isAnswer = answer !== undefined && answer !== null;
    if (isOver && isAnswer) events.late();
    once(() => {
      if (isAnswer) events.answered(answer, why);
      else events.passed();
    });
  };

  if (timeout !== undefined) {
    life.add(
      timer(timeout).subscribe(() => {
        end(`no answer came within ${timeout} ms`);
        events.timedOut();
      }),
    );
  }
  try {
    const result: unknown = handler(request, {
      signal: abort.signal,
      because(reason) {
        why = reason;
      },
    });
    if (isObservable(result)) {
      const first$: Observable<unknown> = result.pipe(take(1));
      const complete = () => {
        answered(undefined);
      };
      life.add(watch(first$, { next: answered, error: failed, complete }, failed));
    } else if (has(result, 'then')) {
      // Not unsubscribed when it is over: what comes late is counted.
      Promise.resolve(result).then(answered, failed);
    } else answered(result);
  } catch (error) {
    failed(error);
  }
  return { end };
}
