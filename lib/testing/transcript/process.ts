import type { AddressInfo, Socket } from 'node:net';
import type { ChildProcessOptions } from '../../node/index.js';
import { transcriptSettings, type Transcript, type TranscriptOptions } from './transcript.js';
import { relayScript } from './relay-script.js';
import { readFrame, type Peer } from './arrival.js';
import { createPlayer } from './player.js';
import { checkSteps } from './rules.js';
import type { Step } from './step.js';

/** A transcript that is played by a child process. */
export interface ProcessTranscript extends Transcript {
  /** What to run: the `process` option of `connectAppServer`. */
  readonly process: Required<Pick<ChildProcessOptions, 'command' | 'args'>>;
}

/**
 * Plays a transcript over the stdio of a child process, a line for each frame, for clients that start
 * their server: each start is a connection, and `exits` is its end. The transcript itself stays in this
 * process, which the child asks over a port of 127.0.0.1. Node only.
 *
 * @example
 * const server = await startProcessTranscript([
 *   expects({ method: 'initialize', id: captured('initialize') }),
 *   exits('SIGKILL', 'out of memory'),
 * ]);
 * const stream = connectAppServer({ process: server.process, reconnect: false });
 *
 * @throws TypeError that names the step or the option that is wrong.
 */
export async function startProcessTranscript(
  steps: readonly Step[],
  options: TranscriptOptions = {},
): Promise<ProcessTranscript> {
  checkSteps(steps, 'stdio');
  const { port, ...settings } = transcriptSettings(options);
  const { createServer } = await import('node:net');
  const links = new Set<Socket>();
  let closed: Promise<void> | null = null;

  const server = createServer((socket) => {
    const peer = serve(socket);
    links.add(socket);
    player.take({
      what: 'connects',
      handshake: { path: '', headers: {} },
      accept(accepted) {
        accepted(peer);
      },
      refuse() {
        peer.exit(1, 'The transcript is over.\n');
      },
    });
  });

  const close = (): Promise<void> =>
    (closed ??= new Promise((resolve) => {
      server.close(() => {
        resolve();
      });
      for (const link of links) link.destroy();
    }));

  const player = createPlayer(steps, { ...settings, failed: () => void close() });

  function serve(socket: Socket): Peer {
    let isOver = false;
    let rest = '';
    const tell = (order: object) => socket.write(`${JSON.stringify(order)}\n`);
    socket.setEncoding('utf8');
    socket.on('error', () => undefined);
    socket.on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (!isOver && line !== '') player.take({ what: 'sends', frame: readFrame(line) });
      }
    });
    socket.on('close', () => {
      links.delete(socket);
      if (!isOver) player.take({ what: 'leaves', how: 'its end of stdin is closed' });
      isOver = true;
    });
    return {
      send(data) {
        const line = Buffer.concat([Buffer.from(data), Buffer.from('\n')]);
        tell({ out: line.toString('base64') });
      },
      close: () => undefined,
      exit(how, stderr) {
        isOver = true;
        tell({ err: stderr, ...(typeof how === 'number' ? { exit: how } : { signal: how }) });
      },
      drop() {
        isOver = true;
        socket.destroy();
      },
    };
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  // A test that forgets to close it ends all the same.
  server.unref();
  player.start();

  const end = () => {
    player.stop();
    return close();
  };
  const { port: actual } = server.address() as AddressInfo;
  return {
    process: {
      command: process.execPath,
      args: ['--input-type=commonjs', '-e', relayScript, String(actual)],
    },
    done: player.done,
    close: end,
    [Symbol.asyncDispose]: end,
  };
}
