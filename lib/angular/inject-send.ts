import {
  assertInInjectionContext,
  computed,
  DestroyRef,
  inject,
  NgZone,
  signal,
  untracked,
  type Signal,
} from '@angular/core';
import { Subscription, throttleTime } from 'rxjs';
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
import { read, type MaybeSignal } from './maybe-signal.js';
import { injectStream, type StreamChoice } from './stream-token.js';

/** Sends messages to a thread, and shows what becomes of the last one. */
export interface Sender {
  /**
   * Sends a message, once and at once. To read the result is optional: it never rejects.
   *
   * @throws Error if there is no thread; TypeError that names what the source cannot carry.
   */
  send(input: TurnInput): Turn;
  /** What the turn does, or how it ended: `idle` before the first message to this thread. */
  readonly status: Signal<'idle' | TurnActivity | TurnOutcome['status']>;
  /** The turn of the last message to this thread. */
  readonly turn: Signal<TurnProgress | undefined>;
  /** Interrupts it: whether the server has taken that. */
  interrupt(): Promise<boolean>;
}

export interface SendOptions extends StreamChoice, StartTurnOptions {}

/**
 * Sends messages to a thread. What was sent goes on when the component is gone.
 *
 * @example
 * readonly sender = injectSend(this.id);
 * // <button (click)="sender.send(box.value)" [disabled]="sender.status() === 'running'">
 */
export function injectSend(
  threadId: MaybeSignal<string | null | undefined>,
  { stream: name, ...options }: SendOptions = {},
): Sender {
  assertInInjectionContext(injectSend);
  const stream = injectStream(name === undefined ? {} : { stream: name });
  const [zone, frames] = [inject(NgZone), inject(FRAMES)];
  const last = signal<{ readonly turn: Turn; readonly view?: TurnProgress } | null>(null);
  let watching = Subscription.EMPTY;
  inject(DestroyRef).onDestroy(() => {
    watching.unsubscribe();
  });

  const current = computed(() => {
    const sent = last();
    return sent?.turn.threadId === read(threadId) ? sent : null;
  });
  const turn = computed(() => current()?.view);

  return {
    turn,
    status: computed(() => turn()?.outcome?.status ?? turn()?.activity ?? 'idle'),
    send(input) {
      const id = untracked(() => read(threadId));
      if (id == null) throw new Error('injectSend: there is no thread to send to yet.');
      watching.unsubscribe();
      return zone.runOutsideAngular(() => {
        const turn = startTurn(stream, { threadId: id, input }, options);
        last.set({ turn });
        const inFrames = throttleTime<TurnProgress>(0, frames, { leading: true, trailing: true });
        watching = turn.view$.pipe(inFrames).subscribe((view) => {
          last.set({ turn, view });
        });
        return turn;
      });
    },
    interrupt: () => untracked(current)?.turn.interrupt() ?? Promise.resolve(false),
  };
}
