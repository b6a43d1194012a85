import {
  defer,
  filter,
  firstValueFrom,
  lastValueFrom,
  map,
  repeat,
  takeWhile,
  tap,
  type Observable,
} from 'rxjs';
import type { Envelope } from '../envelope/index.js';
import { readRecordingFile } from '../node/index.js';
import { replay, type ReplayOptions } from '../recording/index.js';
import { managerFrame } from '../recording/manager-frame.js';
import { startStreamServer, type ServerSocket, type StreamServer } from '../testing/index.js';
import { reaches } from '../manager/stream-protocol.js';
import { untilInterrupted } from './interrupted.js';
import { messageOf } from '../text/index.js';
import type { Terminal } from './terminal.js';

interface Served {
  readonly file: string;
  readonly port: number;
  readonly options: ReplayOptions;
}

/**
 * Serves a recorded session as a codex-manager: from its beginning to each client that connects.
 */
export async function serveSession(
  { file, port, options }: Served,
  terminal: Terminal,
  note: (text: string) => void,
): Promise<void> {
  // A recording that cannot be replayed is an error now, before a client connects.
  await firstValueFrom(
    replay(readRecordingFile(file), { ...options, malformed: () => undefined }),
    {
      defaultValue: null,
    },
  );
  const server = await startStreamServer({ port });
  let clients = 0;

  function play(socket: ServerSocket): void {
    const client = `client ${++clients}`;
    note(`${client} has connected.`);
    let played = 0;
    replayTo(socket, server, replay(readRecordingFile(file), options))
      .pipe(untilInterrupted(terminal))
      .subscribe({
        next: () => played++,
        error(error: unknown) {
          note(`${client}: ${messageOf(error)}`);
          socket.close(1011, 'The recording is damaged.');
        },
        complete() {
          note(`${client} got ${played} events.`);
        },
      });
  }

  terminal.out(`Serving ${file} as a codex-manager at ${server.url} until Ctrl-C.\n`);
  const clients$ = defer(() => server.connected()).pipe(tap(play), repeat());
  await lastValueFrom(clients$.pipe(untilInterrupted(terminal)), { defaultValue: null });
  await server.close();
}

/** Sends a socket the events that its filter lets through, as long as it is there. */
const replayTo = (
  socket: ServerSocket,
  server: StreamServer,
  events$: Observable<Envelope>,
): Observable<Envelope> =>
  events$.pipe(
    map((event) => ({ event, isHere: server.sockets.includes(socket) })),
    takeWhile(({ isHere }) => isHere),
    map(({ event }) => event),
    filter((event) => reaches(event, socket.threadId)),
    tap((event) => {
      socket.send(managerFrame(event));
    }),
  );
