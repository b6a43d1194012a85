import { expect } from '@jest/globals';
import {
  ofType,
  requestType,
  type Decision,
  type RequestContext,
  type RequestHandler,
  type ServerRequest,
  type ServerRequestParams,
  type ServerRequests,
  type Settlement,
} from 'codex-rx';
import type { AppServerOptions } from 'codex-rx/node';
import { firstValueFrom, Subject } from 'rxjs';
import type { TestCodex, TestStream } from './codex-stream.js';
import { openThread, type TestThread } from './codex-thread.js';
import { answersSent } from './codex-turn.js';
import { until } from './until.js';

type Method = keyof ServerRequestParams;

/** A thread on a stream of its own, and what becomes of its requests. */
export interface AskingThread extends TestThread {
  readonly stream: TestStream;
  readonly settlements: readonly Settlement[];
  readonly decisions: readonly Decision[];
  /** What handlers did wrong. */
  readonly errors: readonly string[];
  /** The first request that came, or will come. */
  asked(): Promise<ServerRequest>;
  /** What is pending now. */
  readonly pending: () => readonly ServerRequest[];
  /** Checks that codex has heard nothing, and still waits for a word of the user. */
  waits(): Promise<void>;
  /** Checks that each request was answered once, as was decided, and is over: how many there were. */
  answered(by: string): number;
}

export interface AskingOptions {
  /** Of the thread. */
  readonly params?: object;
  /** Of the stream. */
  readonly options?: Partial<AppServerOptions>;
  /** Registers handlers. */
  readonly serve?: (requests: ServerRequests) => unknown;
}

/** How it is known that an answer has counted: codex resolves most requests, but not all. */
const causes = new Map<string, string>([['item/tool/call', 'item-completed']]);

export async function openAskingThread(
  codex: TestCodex,
  { params, options, serve }: AskingOptions = {},
): Promise<AskingThread> {
  const stream = codex.stream(options);
  const { requests } = stream;
  const opened: ServerRequest[] = [];
  const settlements: Settlement[] = [];
  const decisions: Decision[] = [];
  const errors: string[] = [];
  let pending: readonly ServerRequest[] = [];
  requests.pending$.subscribe((now) => {
    pending = now;
  });
  requests.opened$.subscribe((request) => opened.push(request));
  requests.settled$.subscribe((settlement) => settlements.push(settlement));
  requests.decisions$.subscribe((decision) => decisions.push(decision));
  requests.errors$.subscribe(({ message }) => errors.push(message));
  serve?.(requests);
  const thread = await openThread(codex, stream, params);

  return {
    ...thread,
    stream,
    settlements,
    decisions,
    errors,
    pending: () => pending,
    async asked() {
      await until(() => opened.length > 0);
      return opened[0] as ServerRequest;
    },
    async waits() {
      const read = await stream.call('thread/read', { threadId: thread.threadId });
      expect(read.thread.status).toEqual({ type: 'active', activeFlags: ['waitingOnApproval'] });
      expect(answersSent(stream)).toEqual([]);
      expect(settlements).toEqual([]);
    },
    answered(by) {
      expect(answersSent(stream)).toEqual(
        decisions.map(({ request, answer }) => ({ id: request.requestId, result: answer })),
      );
      expect(settlements).toMatchObject(
        decisions.map(({ request: { key, method }, answer }) => ({
          request: { key, method, state: 'answering' },
          outcome: 'answered',
          cause: causes.get(method) ?? 'resolved',
          answer,
          by,
        })),
      );
      expect(decisions.map((decision) => decision.by)).toEqual(settlements.map(() => by));
      expect(pending).toEqual([]);
      const { length } = decisions;
      expect(requests.stats()).toMatchObject({ opened: length, answered: length, late: 0 });
      return length;
    },
  };
}

/** A thread that asks one handler: `user`. */
export const askedBy = <Asked extends Method>(
  codex: TestCodex,
  method: Asked,
  handler: RequestHandler<Asked>,
  params: object = {},
): Promise<AskingThread> =>
  openAskingThread(codex, {
    params,
    serve: (requests) =>
      requests.serve(ofType(requestType(method)), handler as unknown as RequestHandler, {
        name: 'user',
      }),
  });

/** A handler that answers when it is told to. */
export function hesitant<Answer extends object>() {
  const signals: AbortSignal[] = [];
  const said = new Subject<Answer>();
  return {
    /** Of each request that it was asked. */
    signals,
    say: (answer: Answer) => {
      said.next(answer);
    },
    handler: (_request: unknown, { signal }: RequestContext): Promise<Answer | undefined> => {
      signals.push(signal);
      return firstValueFrom(said, { defaultValue: undefined });
    },
  };
}
