import type { CodexStream, Envelope, ManagerStream } from 'codex-rx';
import { marbles } from 'codex-rx/testing';
import { asyncScheduler, defer, map, timer, type Observable } from 'rxjs';
import { ask, type Ask } from '../../lib/stream/index.js';

/** What a server stores of a thread, as `thread/resume` answers. */
export const storedThread = (
  turns: readonly {
    readonly id: string;
    readonly items?: readonly unknown[];
    readonly status?: string;
  }[],
  rest: object = {},
) => ({ thread: { id: 't', parentThreadId: null, ...rest, turns } });

/** What a server answers to what it is asked: a value, or an error. */
export type Answers = (what: string, params?: object) => unknown;

/** A stream in virtual time whose server answers calls after 1 ms, and what it was asked. */
export interface VirtualStage {
  readonly stream: CodexStream;
  /** Each question, with its time. */
  readonly asked: string[];
  /** Events and states, each with its time. */
  readonly log: string[];
  at(time: number, task: () => void): void;
  note(text: string): void;
}

export class Refusal extends Error {
  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message);
  }
}

/**
 * Plays a diagram, of a stream whose server answers as `codex app-server` does.
 *
 * @param change Changes the stream before it is used.
 */
export function play(
  diagram: string,
  values: Readonly<Record<string, Envelope>>,
  answers: Answers,
  script: (stage: VirtualStage) => void,
): VirtualStage {
  const log: string[] = [];
  const asked: string[] = [];
  const note = (text: string) => void log.push(`${asyncScheduler.now()} ${text}`);
  let played: VirtualStage | null = null;
  marbles(({ stream: playStream }) => {
    const source = playStream(diagram, values, { log: false }) as ManagerStream;
    const asking: Ask = (what, params) =>
      defer((): Observable<unknown> => {
        asked.push(`${asyncScheduler.now()} ${what}`);
        const answer = answers(what, params);
        return timer(1).pipe(
          map(() => {
            if (answer instanceof Error) throw answer;
            return answer;
          }),
        );
      });
    const stream = Object.assign(Object.create(source) as CodexStream, {
      [ask]: asking,
      call: () => Promise.reject(new Error('not in virtual time')),
    });
    played = {
      stream,
      asked,
      log,
      note,
      at: (time, task) => void timer(time).subscribe(task),
    };
    script(played);
  });
  return played as unknown as VirtualStage;
}
