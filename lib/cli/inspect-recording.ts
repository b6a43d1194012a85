import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { Subscription } from 'rxjs';
import type { Inspector, InspectOptions } from '../gateway/index.js';
import {
  serveInspector,
  type PlaybackOrder,
  type PlaybackState,
} from '../gateway/serve-inspector.js';
import { messageOf } from '../text/index.js';
import { note } from './note.js';
import { readContent, serveRecording } from './play-recording.js';
import { createPlaybackClock } from './playback-clock.js';
import type { Terminal } from './terminal.js';

/** One run of a recording, with its servers: to go back, another begins. */
interface Run {
  readonly inspector: Inspector;
  /** Takes over the settings. */
  adjust(): void;
  /** Leaps ahead: whether it could. */
  leapTo(time: number): boolean;
  /** Where it is, in the time of the recording. */
  readonly position: number;
  readonly hasBegun: boolean;
  /** A page hears it: it plays from here on. */
  begin(): void;
  close(): Promise<void>;
}

/**
 * Serves the inspector of a recording. It plays once a page hears it, and the page controls it.
 *
 * @param speed `Infinity`: all of it at once.
 * @throws RecordingError if it cannot be replayed.
 */
export async function inspectRecording(
  file: string,
  speed: number,
  options: InspectOptions,
  terminal: Terminal,
): Promise<Inspector> {
  const { port = 0, token = randomBytes(24).toString('base64url'), log = false } = options;
  const content = await readContent(file);
  const { first, last, startedAt } = content;
  const clampedTime = (time: number) => Math.min(Math.max(time, first), last);
  // It answers while one run ends and the next begins: what serves a run goes before it.
  const server = createServer((_, response) => response.writeHead(503).end());
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');

  let settings = { speed: Number.isFinite(speed) ? speed : 1, isPlaying: true };
  let count = 0;
  let run = await start(Number.isFinite(speed) ? first : last).catch((error: unknown) => {
    server.close();
    throw error;
  });
  let changing: Promise<void> = Promise.resolve();

  function read(): PlaybackState {
    const { hasBegun, position } = run;
    const isPlaying = settings.isPlaying && position < last;
    return { ...settings, isPlaying, run: count, hasBegun, position, first, last, startedAt };
  }

  /** Begins a run that will have got to a time when it begins. */
  async function start(time: number): Promise<Run> {
    const recording = await serveRecording(content, terminal);
    const clock = createPlaybackClock(first);
    let playing = Subscription.EMPTY;
    let hasStarted = false;
    const adjust = () => {
      if (!hasStarted) return;
      clock.speed = settings.speed;
      clock.isRunning = settings.isPlaying;
    };
    const started = () => {
      if (hasStarted) return;
      hasStarted = true;
      clock.leapTo(time);
      adjust();
    };
    const playback = { read, control };
    const served = { token, log, readOnly: true };
    const inspector = await serveInspector(recording.stream, served, { server, playback }).catch(
      async (error: unknown) => {
        await recording.close();
        throw error;
      },
    );
    count++;
    return {
      inspector,
      adjust,
      leapTo(to) {
        if (hasStarted) clock.leapTo(to);
        return hasStarted;
      },
      get position() {
        return hasStarted ? clampedTime(clock.now()) : time;
      },
      get hasBegun() {
        return playing !== Subscription.EMPTY;
      },
      begin() {
        if (playing === Subscription.EMPTY) playing = recording.begin(clock, started);
      },
      async close() {
        playing.unsubscribe();
        clock.isRunning = false;
        await inspector.close();
        await recording.close();
      },
    };
  }

  function control({ begin, position, ...given }: PlaybackOrder): void {
    const { speed = settings.speed, isPlaying = settings.isPlaying } = given;
    settings = { speed, isPlaying };
    run.adjust();
    if (begin === count) run.begin();
    if (position !== undefined) goTo(clampedTime(position));
  }

  /** Forward by leaping there; back, and to where it is, by another run. */
  function goTo(time: number): void {
    if (time > run.position && run.leapTo(time)) return;
    changing = changing
      .then(async () => {
        await run.close();
        run = await start(time);
      })
      .catch((error: unknown) => {
        note(terminal, messageOf(error));
      });
  }

  return {
    get url() {
      return run.inspector.url;
    },
    get clients() {
      return run.inspector.clients;
    },
    async close() {
      await changing;
      await run.close();
      server.close();
      server.closeAllConnections();
    },
  };
}
