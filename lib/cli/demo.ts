import { readFile } from 'node:fs/promises';
import { filter, firstValueFrom, merge, startWith } from 'rxjs';
import { connectManager } from '../manager/index.js';
import { ofAppServer, ofPrefix } from '../match/index.js';
import { createRouter } from '../router/index.js';
import { readRecording } from '../recording/index.js';
import { startStreamServer } from '../testing/index.js';
import { createPaint } from './paint.js';
import { showSession } from './show-session.js';
import type { Terminal } from './terminal.js';
import { createTimeline } from './timeline.js';

/**
 * The library at its main job, with nothing to set up: a recorded session comes over a real
 * websocket, is routed and shown, and one of the handlers fails without harm.
 *
 * @param speed How many times as fast as it was recorded; slower, so that one can read along.
 */
export async function demo(terminal: Terminal, speed = 0.6): Promise<number> {
  const recording = readRecording(await readFile(new URL('demo.jsonl', import.meta.url), 'utf8'));
  const server = await startStreamServer();
  const router = createRouter();
  const stream = connectManager({ url: server.url, router, signal: terminal.interrupted });
  const paint = createPaint(terminal.coloured);
  const timeline = createTimeline(terminal.out, paint);

  timeline.note(`${paint('bold', 'codex-rx demo')}: a recorded session, replayed at ${server.url}`);
  timeline.note(paint('dim', '   time  thread turn    what happened\n'));

  const types = new Map<string, number>();
  router.on(ofPrefix(''), function countTypes({ type }) {
    types.set(type, (types.get(type) ?? 0) + 1);
  });
  router.on(ofAppServer('item/completed'), function clumsyHandler() {
    throw new Error('a bug in this handler');
  });
  // Registered after the one that fails, and seeing every event all the same.
  showSession(stream, timeline);
  let failures = 0;
  router.errors$.subscribe(({ message }) => {
    failures++;
    if (failures === 1)
      timeline.note(`${' '.repeat(25)}${paint('red', `✗ ${message} (and the others go on)`)}`);
  });
  let malformed = 0;
  stream.malformed$.subscribe(() => malformed++);

  async function play(): Promise<void> {
    await stream.connect();
    await server.play(recording, { speed });
    // What was sent may still be on its way.
    await firstValueFrom(
      merge(stream.events$, stream.malformed$).pipe(
        startWith(null),
        filter(() => router.stats.dispatched + malformed >= recording.entries.length),
      ),
      { defaultValue: null },
    );
    await router.idle();
  }

  const interrupted = ended(terminal.interrupted);
  try {
    await Promise.race([interrupted, play()]);
  } finally {
    await stream.close();
    await server.close();
  }
  if (terminal.interrupted.aborted) return 0;

  const { dispatched } = router.stats;
  timeline.note(
    `\n${paint('bold', String(dispatched))} of ${recording.entries.length} events of ${types.size} types received, ` +
      `${malformed} malformed; ${router.routes.length} handlers, ${failures} failures isolated`,
  );
  for (const { name, stats } of router.routes) {
    const failed = stats.failed > 0 ? paint('red', `  ${stats.failed} failed`) : '';
    timeline.note(`  ${String(stats.handled).padStart(4)}  ${name}${failed}`);
  }
  return 0;
}

/** Resolves when the user has had enough. */
const ended = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => {
      resolve();
    });
  });
