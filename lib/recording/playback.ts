import { asyncScheduler, Observable, type SchedulerLike } from 'rxjs';
import { maxTimerMs } from '../async/index.js';
import { mustBe, mustBeKnown } from '../options/index.js';
import { writeLog, type StreamLog } from '../text/index.js';
import type { RecordingSource } from './blocks.js';
import { openEvents, type MalformedLine, type RecordedEvent } from './recorded-events.js';

/** How a recording is replayed. */
export interface ReplayOptions {
  /**
   * How many times as fast as it was recorded. `Infinity`: as fast as can be.
   *
   * @default 1
   */
  readonly speed?: number;

  /**
   * Whose time it is.
   *
   * @default `asyncScheduler`, which is virtual time in a marble test
   */
  readonly scheduler?: SchedulerLike;

  /**
   * Replays only what this socket received.
   *
   * @default what all of them received
   */
  readonly sock?: string;

  /**
   * Called for each frame that cannot be read, and a last line that is cut off; the replay goes on.
   *
   * @default the first is written to `log`
   */
  readonly malformed?: (line: MalformedLine) => void;

  /**
   * Gets what no callback hears; `false`: nothing is written. What it throws harms nothing.
   *
   * @default console
   */
  readonly log?: StreamLog | false;
}

/** How long events may come without letting others have their turn, in milliseconds. */
const slice = 10;

/** The events of a recording at their times. */
export function playback(
  source: RecordingSource,
  options: ReplayOptions = {},
): Observable<RecordedEvent> {
  mustBeKnown('', options, ['speed', 'scheduler', 'sock', 'malformed', 'log']);
  const { speed = 1, scheduler = asyncScheduler, sock, malformed, log = console } = options;
  const isSource = typeof source === 'string' || (source as unknown) === Object(source);
  mustBe(isSource, 'recording', 'the text, the lines or the entries of a recording');
  mustBe(typeof speed === 'number' && speed > 0, 'speed', 'a number above 0');
  return new Observable((subscriber) => {
    const events = openEvents(source, sock, malformed ?? warnOnce(log), log);
    let next: RecordedEvent | null | undefined = null;
    let begin: { readonly at: number; readonly t: number } | null = null;
    /** When others are to have their turn. */
    let until = 0;

    function scheduleIn(delay: number): void {
      const run = () => {
        until = scheduler.now() + slice;
        play();
      };
      subscriber.add(scheduler.schedule(run, Math.min(delay, maxTimerMs)));
    }

    function play(): void {
      try {
        while (!subscriber.closed) {
          const now = scheduler.now();
          const due = next ? dueAt(next, now) : now;
          if (due > now || now >= until) {
            scheduleIn(Math.max(0, due - now));
            return;
          }
          if (next) {
            const event = next;
            next = null;
            subscriber.next(event);
          } else {
            next = events.next(play);
            if (next !== undefined) continue;
            if (events.isOver) subscriber.complete();
            return;
          }
        }
      } catch (error) {
        subscriber.error(error);
      }
    }

    function dueAt({ t }: RecordedEvent, now: number): number {
      begin ??= { at: now, t };
      return begin.at + (t - begin.t) / speed;
    }

    subscriber.add(() => {
      events.close();
    });
    scheduleIn(0);
  });
}

function warnOnce(log: StreamLog | false): (line: MalformedLine) => void {
  let warned = false;
  return ({ line, message }) => {
    if (!warned) writeLog(log, `Line ${line} of the recording could not be read: ${message}`);
    warned = true;
  };
}
