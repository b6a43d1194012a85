import type { Socket } from 'node:net';
import type { ChildProcessOptions } from '../../node/index.js';
import { jsonOr } from '../servers/json-or.js';
import type { PlayedClient } from './arrival.js';
import { playOn, type Transcript, type TranscriptOptions } from './play-on.js';
import type { Player } from './player.js';
import { relayScript } from './relay-script.js';
import type { Step } from './step.js';

/** A transcript that is played by a child process. */
export interface ProcessTranscript extends Transcript {
  /** What to run: the `process` option of `connectAppServer`. */
  readonly process: Required<Pick<ChildProcessOptions, 'command' | 'args'>>;
}

/**
 * Plays a transcript over the stdio of a child process, a line for each frame, for clients that
 * start their server: each start is a connection, and `exits` is its end. The transcript itself
 * stays in this process, to which the child connects over a port of 127.0.0.1. Node only.
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
  const { port, ...transcript } = await playOn('stdio', steps, options, async (player) => {
    const { createServer } = await import('node:net');
    return createServer((socket) => {
      const peer = peerOf(socket, player);
      player.observe({
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
  });
  const args = ['--input-type=commonjs', '-e', relayScript, String(port)];
  return { ...transcript, process: { command: process.execPath, args } };
}

function peerOf(socket: Socket, player: Player): PlayedClient {
  let isOver = false;
  let rest = '';
  const order = (command: object) => socket.write(`${JSON.stringify(command)}\n`);
  socket.setEncoding('utf8');
  socket.on('error', () => undefined);
  socket.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (!isOver && line !== '') player.observe({ what: 'sends', frame: jsonOr(line, line) });
    }
  });
  socket.on('close', () => {
    if (!isOver) player.observe({ what: 'leaves', how: 'its end of stdin is closed' });
    isOver = true;
  });
  return {
    send(data) {
      const line = Buffer.concat([Buffer.from(data), Buffer.from('\n')]);
      order({ out: line.toString('base64') });
    },
    close: () => undefined,
    exit(how, stderr) {
      isOver = true;
      order({ err: stderr, ...(typeof how === 'number' ? { exit: how } : { signal: how }) });
    },
    drop() {
      isOver = true;
      socket.destroy();
    },
  };
}
