import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { filter, firstValueFrom, merge, startWith } from 'rxjs';
import { connectManager } from '../manager/index.js';
import { ofAppServer, ofPrefix } from '../match/index.js';
import { createRouter } from '../router/index.js';
import { readRecording, type RecordedEntry } from '../recording/index.js';
import { startStreamServer } from '../testing/index.js';
import { untilInterrupted } from './interrupted.js';
import { createPaint } from './paint.js';
import { showSession } from './show-session.js';
import type { Terminal } from './terminal.js';
import { timelineOn } from './timeline.js';

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
  const timeline = timelineOn(terminal);

  timeline.note(`${paint('bold', 'codex-rx demo')}: a recorded session, sent by ${server.url}\n`);
  timeline.note(introduction);
  timeline.note(paint('dim', '   time  thread turn    what happened\n'));

  const types = new Set<string>();
  router.on(ofPrefix(''), function countTypes({ type }) {
    types.add(type);
  });
  router.on(ofAppServer('item/completed'), function clumsyHandler() {
    throw new Error('a bug in this handler');
  });
  // Registered after the one that fails, and called for every event nevertheless.
  showSession(stream, timeline);
  let failures = 0;
  router.errors$.subscribe(({ route, cause }) => {
    failures++;
    const what = `✗ ${route}: ${(cause as Error).message}; the others go on`;
    if (failures === 1) timeline.note(`${' '.repeat(24)}${paint('red', what)}`);
  });
  let malformed = 0;
  stream.malformed$.subscribe(() => malformed++);

  async function play(): Promise<void> {
    await stream.connect();
    await server.play(paced(recording.entries), { speed });
    // The last frames may still be on their way.
    const received$ = merge(stream.events$, stream.malformed$).pipe(
      startWith(null),
      filter(() => router.stats.dispatched + malformed >= recording.entries.length),
      untilInterrupted(terminal),
    );
    await firstValueFrom(received$, { defaultValue: null });
    await router.idle();
  }

  try {
    await Promise.race([interruption(terminal), play()]);
  } finally {
    await stream.close();
    await server.close();
  }
  if (terminal.interrupted.aborted) return 0;

  const { dispatched } = router.stats;
  timeline.note(
    `\n${paint('bold', String(dispatched))} of ${recording.entries.length} events received, ` +
      `${malformed} malformed, of ${types.size} types. Handled by:\n`,
  );
  for (const { name, stats } of router.routes) {
    const failed = stats.failed > 0 ? paint('red', `  ${stats.failed} failed`) : '';
    timeline.note(`  ${String(stats.handled).padStart(4)}  ${name}${failed}`);
  }
  timeline.note(`\nTheir code: ${sourceOf('show-session')}\n            ${sourceOf('demo')}\n`);
  timeline.note(nextSteps);
  return 0;
}

const introduction = `The model was scripted for the recording, and a prompt is its script: "@say"
tells it what to answer, "@think" what to think, "@shell" which command to run,
"@tool" which tool to call. The third call of the tool was answered as failed.

One handler, clumsyHandler, throws for each completed item on purpose: its
failures are reported, and all other handlers get every event.

  › prompt   ‹ answer of the model   $ command   ⚙ tool   ± changed files
  ? request of the agent   ! how it was answered   ● turn begins   ■ turn ends
`;

const nextSteps = `Try next:
  npx codex-rx tail http://127.0.0.1:3001    shows your own codex-manager so
  npx codex-rx record <url> --out my.jsonl   records a session, without secrets
  npx codex-rx replay my.jsonl               shows it again
  npx codex-rx --help                        lists all commands
  README.md                                  your first handlers in twenty lines`;

/**
 * How long each piece of the model's text takes, in ms: the scripted model wrote it all at once.
 */
const perPiece = 60;

function paced(entries: readonly RecordedEntry[]): readonly RecordedEntry[] {
  let delay = 0;
  return entries.map((entry) => {
    const { type } = Object(entry.frame) as { readonly type?: string };
    if (type === 'app_server.item.agent_message.delta') delay += perPiece;
    return { ...entry, t: entry.t + delay };
  });
}

/** Where a module of this folder is: its TypeScript in a checkout, its JavaScript in a package. */
function sourceOf(name: string): string {
  const paths = [`../../../lib/cli/${name}.ts`, `${name}.ts`, `${name}.js`];
  const files = paths.map((path) => fileURLToPath(new URL(path, import.meta.url)));
  return relative(process.cwd(), files.find((file) => existsSync(file)) ?? name);
}

/** Resolves when the user interrupts the command. */
const interruption = ({ interrupted }: Terminal): Promise<unknown> =>
  new Promise((resolve) => {
    if (interrupted.aborted) resolve(null);
    interrupted.addEventListener('abort', resolve);
  });
