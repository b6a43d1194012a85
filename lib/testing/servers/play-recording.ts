import { mustBeKnown } from '../../options/index.js';
import type { Observable } from 'rxjs';
import type { Members } from '../codex/thread.js';
import type { FakeAnswer } from '../codex/answer.js';
import type { FakeCodex } from '../codex/fake.js';
import { playAtPace } from './at-pace.js';
import type { RecordedEntry, Recording } from '../../recording/index.js';

/** How a recording is played. */
export interface PlayOptions {
  /**
   * How many times as fast as it was recorded.
   *
   * @default Infinity
   */
  readonly speed?: number;
  /**
   * Who answers the requests that a client of the recording has answered: `yours` waits for your
   * client, `recorded` answers them as recorded.
   *
   * @default `yours`
   */
  readonly answers?: 'yours' | 'recorded';
}

interface Message {
  readonly method: string;
  readonly params: Members;
}

/** Something that Codex, the server or a client did in a recording. */
export type PlayedStep = {
  readonly t: number;
  /** Its place in the recording. */
  readonly at: number;
} & (
  | ({ readonly kind: 'notification'; readonly threadId: string | null } & Message)
  | ({ readonly kind: 'request'; readonly id: number; readonly threadId: string } & Message)
  /** A client has answered a request. */
  | ({ readonly kind: 'answer'; readonly id: number; readonly settlement: Members } & Answered)
  /** A frame that Codex has no part in. */
  | { readonly kind: 'frame'; readonly frame: { readonly type: string } }
);

interface Answered {
  readonly answer: FakeAnswer;
}

/** What happens to the steps that are not Codex's. */
export interface StepActions {
  /**
   * Answers a request as a client has.
   *
   * @default passes the answer to Codex
   */
  readonly answer?: (id: number, answer: FakeAnswer, settlement: Members) => void;
  readonly send?: (frame: { readonly type: string }) => void;
}

/**
 * Plays a recording on a fake Codex, which announces nothing by itself meanwhile.
 *
 * @param stopped$ Ends it before its end.
 */
export const playRecording = (
  steps: readonly PlayedStep[],
  codex: FakeCodex,
  stopped$: Observable<unknown>,
  options: PlayOptions = {},
  actions: StepActions = {},
): Promise<void> => {
  mustBeKnown('', options, ['speed', 'answers']);
  const { speed = Infinity, answers = 'yours' } = options;
  return codex.quietly(() =>
    playAtPace(steps, speed, stopped$, (step) => {
      switch (step.kind) {
        case 'notification':
          codex.notify(step.threadId, step.method, step.params);
          return undefined;
        case 'request':
          void codex.request(step.threadId, step.method, step.params, step.id);
          return undefined;
        case 'frame':
          return actions.send?.(step.frame);
        case 'answer':
          if (answers === 'recorded') {
            if (actions.answer) actions.answer(step.id, step.answer, step.settlement);
            else codex.answer(step.id, step.answer);
          }
          return codex.requests.closed(step.id);
      }
    }),
  );
};

/** The entries of a recording, or of a part of one. */
export const entriesOf = (recording: Recording | readonly RecordedEntry[]) =>
  'header' in recording ? recording.entries : recording;

/**
 * Keeps a frame that several sockets received once: the frame of the socket that received the most,
 * whose order is the most complete. One socket may receive the same frame twice, so they are
 * counted.
 *
 * @param identify The identity of a frame; `null` drops it.
 */
export function withoutRepeats<Entry extends RecordedEntry>(
  entries: readonly Entry[],
  identify: (entry: Entry) => string | null,
): readonly (readonly [at: number, entry: Entry])[] {
  const counts = new Map<string, number>();
  const sockets = new Map<string, Map<string, number>>();
  for (const [at, entry] of entries.entries()) {
    const identity = identify(entry);
    if (identity === null) continue;
    const name = entry.sock ?? '';
    const received = sockets.get(name) ?? new Map<string, number>();
    sockets.set(name, received);
    const count = (counts.get(`${name} ${identity}`) ?? 0) + 1;
    counts.set(`${name} ${identity}`, count);
    received.set(`${count} ${identity}`, at);
  }
  const places = new Map<string, number>();
  const bySize = [...sockets.values()].sort((one, other) => other.size - one.size);
  for (const heard of bySize) {
    for (const [occurrence, at] of heard) {
      if (!places.has(occurrence)) places.set(occurrence, at);
    }
  }
  return [...places.values()]
    .sort((one, other) => one - other)
    .map((at) => [at, entries[at] as Entry]);
}
