import type { Server } from 'node:net';
import { amounts, mustBe, mustBeKnown } from '../../options/index.js';
import { listen, type LoopbackServer } from '../servers/loopback.js';
import { createPlayer, type Player } from './player.js';
import { checkSteps, type Medium } from './rules.js';
import type { Step } from './step.js';

/** How a transcript is played. */
export interface TranscriptOptions {
  /**
   * How long to wait for the client at each step, in ms; `Infinity`: for ever.
   *
   * @default 2,000
   */
  readonly timeout?: number;
  /**
   * Whether pings and `GET /api/health` are answered, as by real servers, unless a step waits for
   * them.
   *
   * @default true
   */
  readonly housekeeping?: boolean;
  /** @default a free port */
  readonly port?: number;
}

/** A server that plays a transcript. */
export interface Transcript {
  /**
   * Resolves when every step was played. Rejects with a `TranscriptError` that names the first step
   * that the client broke, and if the client has sent more than was expected.
   */
  done(): Promise<void>;
  /** Drops the client, and stops listening. `done()` rejects if there are steps left. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Plays steps on a server.
 *
 * @param create Makes the server, which reports to the player.
 */
export async function playOn(
  medium: Medium,
  steps: readonly Step[],
  { housekeeping = true, ...amountsGiven }: TranscriptOptions,
  create: (player: Player) => Promise<Server>,
): Promise<Transcript & { readonly port: number }> {
  checkSteps(steps, medium);
  mustBeKnown('', amountsGiven, ['timeout', 'port', 'housekeeping']);
  mustBe(typeof housekeeping === 'boolean', 'housekeeping', 'true or false');
  const { port, timeout } = amounts('', amountsGiven, { timeout: 2_000, port: 0 });
  const failed = () => void server.close();
  const player = createPlayer(steps, { timeout, housekeeping, failed });
  const socketServer = await create(player);
  const server: LoopbackServer = await listen(socketServer, port);
  // A test that forgets to close it ends anyway.
  socketServer.unref();
  player.start();
  const close = () => {
    player.stop();
    return server.close();
  };
  return { port: server.port, done: player.done, close, [Symbol.asyncDispose]: close };
}
