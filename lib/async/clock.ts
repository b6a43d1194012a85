import { asyncScheduler } from 'rxjs';

/** The time in milliseconds since the epoch; virtual in the `run` of a `TestScheduler`. */
export const now = (): number => asyncScheduler.now();

/** The longest timer of Node and browsers, in milliseconds: a longer one fires at once. */
export const maxTimerMs = 2 ** 31 - 1;

/** Milliseconds by a clock that cannot be set: only differences mean anything. Never virtual. */
export const ticks = (): number => performance.now();
