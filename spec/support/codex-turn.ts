import {
  forThread,
  ofAppServer,
  ofAppServerRequest,
  type AppServerRequestEvent,
  type ServerRequestParams,
} from 'codex-rx';
import type { AppServerStream, ExperimentalMethods } from 'codex-rx/node';
import { firstValueFrom } from 'rxjs';
import type { TestStream } from './codex-stream.js';

type Stream = AppServerStream<ExperimentalMethods>;

type ThreadParams = ExperimentalMethods['params']['thread/start'];

interface SentFrame {
  readonly method?: string;
  readonly [member: string]: unknown;
}

/** Starts a thread: its id. */
export async function startThread(stream: Stream, params: ThreadParams): Promise<string> {
  const { thread } = await stream.call('thread/start', params);
  return thread.id;
}

/** Starts a turn: its id, and how it ends. */
export async function startTurn(stream: Stream, threadId: string, prompt: string) {
  const completed = firstValueFrom(
    stream.events$.pipe(forThread(threadId), ofAppServer('turn/completed')),
  );
  const ended = completed.then(({ payload }) => payload.params.turn);
  // Who does not wait for the end of a turn need not hear that there is none.
  ended.catch(() => undefined);
  const input = [{ type: 'text', text: prompt } as const];
  const { turn } = await stream.call('turn/start', { threadId, input });
  return { turnId: turn.id, ended };
}

/** Starts a turn on a thread of its own and waits for its end. */
export async function runTurn(stream: Stream, prompt: string, params: ThreadParams) {
  const { ended } = await startTurn(stream, await startThread(stream, params), prompt);
  return ended;
}

/** The next request of the server. */
export const nextRequest = <Method extends keyof ServerRequestParams>(
  stream: Stream,
  method: Method,
): Promise<AppServerRequestEvent<Method>> =>
  firstValueFrom(stream.events$.pipe(ofAppServerRequest(method as never)));

/** What comes of the texts of the agents, as it comes. */
export function collectDeltas(stream: Stream): string[] {
  const deltas: string[] = [];
  stream.on(ofAppServer('item/agentMessage/delta'), ({ payload }) => {
    deltas.push(payload.params.delta);
  });
  return deltas;
}

/** What was sent, over all connections. */
export const sent = ({ recorded }: TestStream): readonly SentFrame[] =>
  recorded.filter(({ dir }) => dir === 'out').map(({ frame }) => frame as SentFrame);

/** The answers to server requests that were sent. */
export const answersSent = (stream: TestStream): readonly SentFrame[] =>
  sent(stream).filter(({ method }) => method === undefined);

/** Whether the server has answered a call of a method. */
export function isAnswered(stream: TestStream, method: string): boolean {
  const calls = new Set(
    sent(stream).flatMap((frame) => (frame.method === method ? frame['id'] : [])),
  );
  return stream.recorded.some(({ dir, frame }) => {
    const { id, method: asked } = Object(frame) as SentFrame;
    return dir === 'in' && asked === undefined && calls.has(id);
  });
}
