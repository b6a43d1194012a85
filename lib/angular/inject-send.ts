import {
  assertInInjectionContext,
  computed,
  inject,
  NgZone,
  signal,
  untracked,
  type Signal,
} from '@angular/core';
import { takeWhile, throttleTime } from 'rxjs';
import {
  startTurn,
  type StartTurnOptions,
  type Turn,
  type TurnActivity,
  type TurnInput,
  type TurnOutcome,
  type TurnProgress,
} from '../state/index.js';
import { FRAMES } from './frames.js';
import { injectLifetime } from './inject-lifetime.js';
import { read, type MaybeSignal } from './maybe-signal.js';
import { injectStream, type StreamChoice } from './stream-token.js';

/** Sends messages to a thread, and shows what happens to the last one. */
export interface Sender {
  /**
   * Sends a message, once and at once. Reading the result is optional: it never rejects.
   *
   * @throws Error if there is no thread; TypeError that names what the source cannot carry.
   */
  send(input: TurnInput): Turn;
  /** What the turn does, or how it ended: `idle` before the first message to this thread. */
  readonly status: Signal<'idle' | TurnActivity | TurnOutcome['status']>;
  /** The turn of the last message to this thread. */
  readonly turn: Signal<TurnProgress | undefined>;
  /** Interrupts that turn. Resolves with whether the server has accepted that. */
  interrupt(): Promise<boolean>;
}

/** The options of `injectSend`. */
export interface SendOptions extends StreamChoice, StartTurnOptions {}

interface Sent {
  readonly turn: Turn;
  readonly view: TurnProgress | undefined;
}

/**
 * Sends messages to a thread. What was sent goes on when the component is gone.
 *
 * @example
 * readonly sender = injectSend(this.id);
 * // <input #box />
 * // <button (click)="sender.send(box.value)">Send</button> {{ sender.status() }}
 */
export function injectSend(
  threadId: MaybeSignal<string | null | undefined>,
  { stream: name, ...options }: SendOptions = {},
): Sender {
  assertInInjectionContext(injectSend);
  const stream = injectStream(name);
  const [zone, frames] = [inject(NgZone), inject(FRAMES)];
  /** The last message to each thread. */
  const sent = signal<ReadonlyMap<string, Sent>>(new Map());
  const watching = injectLifetime();

  const current = computed(() => sent().get(read(threadId) ?? ''));
  const turn = computed(() => current()?.view);

  function show(turn: Turn, view?: TurnProgress): void {
    sent.update((all) => new Map(all).set(turn.threadId, { turn, view }));
  }

  return {
    turn,
    status: computed(() => turn()?.outcome?.status ?? turn()?.activity ?? 'idle'),
    send(input) {
      const id = untracked(() => read(threadId));
      if (id == null) throw new Error('codex-rx: injectSend: there is no thread yet.');
      return zone.runOutsideAngular(() => {
        const turn = startTurn(stream, { threadId: id, input }, options);
        show(turn);
        const isLast = () => untracked(sent).get(id)?.turn === turn;
        const inFrames = throttleTime<TurnProgress>(0, frames, { leading: true, trailing: true });
        const views$ = turn.view$.pipe(inFrames, takeWhile(isLast));
        watching.add(
          views$.subscribe((view) => {
            show(turn, view);
          }),
        );
        return turn;
      });
    },
    interrupt: () => untracked(current)?.turn.interrupt() ?? Promise.resolve(false),
  };
}
