import { defer, finalize, tap, type Observable } from 'rxjs';
import type { Envelope } from '../envelope/index.js';
import { managerFrame } from './manager-frame.js';
import { createRecorder, type RecordingInProgress, type RecordOptions } from './recorder.js';
import type { RecordingSink } from './sink.js';

/** An operator that records the events that go through it. */
export interface RecordOperator extends RecordingInProgress {
  <Event extends Envelope>(source: Observable<Event>): Observable<Event>;
}

/**
 * Records the events of a stream, and passes them on as they are, at once. The recording begins
 * with the first subscriber, whose events it has, and ends with it. Whatever the source, the frames
 * are those of codex-manager, and read as the same events.
 *
 * A sink that throws, rejects or does not keep up harms no event: see `failed` and `stats()`.
 *
 * @example
 * const recording = record(writeRecordingFile('session.jsonl'), { redact: redact() });
 * stream.events$.pipe(recording).subscribe();
 * await stream.close();
 * await recording.close(); // all is written
 *
 * @throws TypeError that names the option that is wrong.
 */
export function record(sink: RecordingSink, options?: RecordOptions): RecordOperator {
  const recorder = createRecorder(sink, options);
  let isTaken = false;

  const operator = <Event extends Envelope>(source: Observable<Event>): Observable<Event> =>
    defer(() => {
      if (isTaken) {
        recorder.fail(new Error('A recording has one subscriber: this one is not recorded.'));
        return source;
      }
      isTaken = true;
      recorder.begin('codex-manager');
      return source.pipe(
        tap((event) => {
          recorder.frameLater('events', 'in', () => managerFrame(event));
        }),
        finalize(() => void recorder.close()),
      );
    });
  return Object.assign(operator, { stats: recorder.stats, close: recorder.close });
}
