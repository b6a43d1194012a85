import type { CodexStream, Envelope } from 'codex-rx';
import { marbles, notification, request } from 'codex-rx/testing';
import { asyncScheduler, defer, map, timer, type Observable } from 'rxjs';
import { ask, type Ask } from '../../lib/stream/index.js';

export const [threadId, turnId] = ['thread-1', 'turn-1'];

const ids = { threadId, turnId };

const status = (type: string) =>
  notification('thread/status/changed', { threadId, status: { type } as never });

const message = (id: string, text: string) => ({ type: 'agentMessage', id, text }) as never;

/** What a thread can do beside what the alphabet knows. */
export const letters = {
  a: status('active'),
  z: status('idle'),
  y: status('systemError'),
  n: status('notLoaded'),
  x: notification('thread/closed', { threadId }),
  m: notification('item/completed', { ...ids, item: message('item-1', 'Hello.') }),
  w: notification('error', { ...ids, willRetry: true }),
  v: notification('item/started', {
    ...ids,
    item: {
      type: 'commandExecution',
      id: 'call-9',
      command: 'sleep',
      status: 'inProgress',
    } as never,
  }),
  r: request('item/commandExecution/requestApproval', { ...ids, itemId: 'call-1' }, { id: 0 }),
  T: notification('turn/started', { threadId, turn: { id: 'turn-2' } }),
  C: notification('turn/completed', {
    threadId,
    turn: { id: 'turn-2', status: 'completed' },
  }),
};

/** An answer that takes so many ms, and not 1. */
export class Late {
  constructor(
    readonly after: number,
    readonly answer: unknown,
  ) {}
}

/** What a server answers to what it is asked: a value, an Error, or `null` for never. */
export type Answers = (what: string, params: object) => unknown;

/** Plays a diagram to a stream in virtual time, and answers what its server is asked after 1 ms. */
const play =
  (isManager: boolean) =>
  (
    diagram: string,
    answers: Answers,
    run: (stream: CodexStream) => void,
    more: Readonly<Record<string, Envelope>> = {},
    roundTrip = 1,
  ): readonly string[] => {
    const asked: string[] = [];
    marbles(({ stream: playStream }) => {
      const stream = playStream(diagram, { ...letters, ...more }, { log: false, roundTrip });
      const asking: Ask = (what, params = {}) =>
        defer((): Observable<unknown> => {
          asked.push(`${asyncScheduler.now()} ${what}`);
          const given = answers(what, params);
          const { after, answer } =
            given instanceof Late ? given : new Late(given === null ? 1e9 : 1, given);
          return timer(after).pipe(
            map(() => {
              if (answer instanceof Error) throw answer;
              return answer;
            }),
          );
        });
      const call = () => Promise.reject(new Error('not in virtual time'));
      run({ ...stream, [ask]: asking, ...(!isManager && { call }) } as CodexStream);
    });
    return asked;
  };

/** The stream is one of `connectAppServer`. Returns the questions, each with its time. */
export const onAppServer = play(false);

/** The stream is one of `connectManager`, whose questions are paths. */
export const onManager = play(true);
