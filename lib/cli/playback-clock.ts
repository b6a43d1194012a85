import { Subscription, type SchedulerLike } from 'rxjs';
import { maxTimerMs, now } from '../async/index.js';

/** The time of a recording, which stops, goes faster and leaps: actions run when it is due. */
export interface PlaybackClock extends SchedulerLike {
  /** How much faster than that of the world it goes, above 0. */
  speed: number;
  isRunning: boolean;
  /** Leaps to a later time. */
  leapTo(time: number): void;
}

interface Action {
  readonly dueAt: number;
  readonly run: () => void;
}

/** @param start Its time at first, in milliseconds; it stands still. */
export function createPlaybackClock(start: number): PlaybackClock {
  const actions = new Set<Action>();
  let [speed, isRunning] = [1, false];
  /** When the time was set, and to what. */
  let set = { at: now(), time: start };
  let timer: ReturnType<typeof setTimeout> | undefined;

  const timeNow = () => set.time + (isRunning ? (now() - set.at) * speed : 0);

  /** Sets a timer for the action that is due next. */
  function wait(): void {
    clearTimeout(timer);
    const next = Math.min(...[...actions].map(({ dueAt }) => dueAt));
    const left = Math.max(0, next - timeNow());
    if (left > 0 && (!isRunning || left === Infinity)) return;
    timer = setTimeout(runDue, Math.min(left / speed, maxTimerMs));
  }

  function runDue(): void {
    const time = timeNow();
    for (const action of [...actions]) {
      if (action.dueAt <= time && actions.delete(action)) action.run();
    }
    wait();
  }

  function change(time: number, setting: () => void = () => undefined): void {
    set = { at: now(), time };
    setting();
    wait();
  }

  return {
    get speed() {
      return speed;
    },
    set speed(next) {
      change(timeNow(), () => (speed = next));
    },
    get isRunning() {
      return isRunning;
    },
    set isRunning(next) {
      change(timeNow(), () => (isRunning = next));
    },
    leapTo(time) {
      change(time);
    },
    now: timeNow,
    schedule(work, delay = 0, state) {
      const run = () => {
        work.call(undefined as never, state as never);
      };
      const action = { dueAt: timeNow() + delay, run };
      actions.add(action);
      wait();
      return new Subscription(() => {
        actions.delete(action);
        wait();
      });
    },
  };
}
