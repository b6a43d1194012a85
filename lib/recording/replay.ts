import { map, type Observable } from 'rxjs';
import type { Envelope } from '../envelope/index.js';
import type { RecordingSource } from './blocks.js';
import { playback, type ReplayOptions } from './playback.js';

/**
 * The events of a recording, as a stream of its server would have emitted them then: from the first
 * one on, in their order and at their distances. Cold: each subscriber gets its own replay.
 *
 * Frames that cannot be read go to `malformed`, as a stream reports them on `malformed$`. A
 * recording that is damaged otherwise is an error, a `RecordingError` with the number of the line.
 *
 * @example
 * replay(readFileSync('session.jsonl', 'utf8'), { speed: 10 })
 *   .pipe(ofAppServer('turn/completed'))
 *   .subscribe(show);
 *
 * @throws TypeError that names the option that is wrong.
 */
export const replay = (recording: RecordingSource, options?: ReplayOptions): Observable<Envelope> =>
  playback(recording, options).pipe(map(({ event }) => event));
