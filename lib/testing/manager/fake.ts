import { map, Subject } from 'rxjs';
import { toObservable } from '../../async/index.js';
import { mustBeKnown } from '../../options/index.js';
import { codexOptionNames, type CodexControls, type CodexOptions } from '../codex/fake.js';
import type { FakeAnswer } from '../codex/answer.js';
import { loadBodies } from './bodies.js';
import { createManagerCore } from './core.js';
import { createManagerRoutes, type AnswerRefusal } from './routes.js';
import { entriesOf, playRecording, type PlayOptions } from '../servers/play-recording.js';
import type { RecordedEntry, Recording } from '../../recording/index.js';
import { managerSteps } from './recording.js';
import {
  startStreamServer,
  streamServerOptionNames,
  type StreamServer,
  type StreamServerOptions,
} from '../servers/stream.js';

/** How a fake codex-manager listens, and what its Codex does. */
export interface FakeManagerOptions extends StreamServerOptions, CodexOptions {
  /**
   * Whether each delta of a text comes with its legacy `codex/event/…` copies: six frames, as from
   * the real server.
   *
   * @default false, two frames
   */
  readonly legacy?: boolean;
}

/** What a session is created with. */
export interface SessionOptions {
  readonly cwd?: string;
  readonly dynamicTools?: readonly object[];
  /** Whether it is one of codex-manager's own sessions, which clients cannot see or use. */
  readonly systemOwned?: boolean;
}

/** A codex-manager with a Codex that a test plays. */
export interface FakeManager extends Omit<StreamServer, 'play'>, CodexControls {
  /** Creates a session as if another client had. Returns its id. */
  session(options?: SessionOptions): string;
  /**
   * Sends a notification of Codex in all the frames that the real server makes of it: the
   * `app_server.…` event, its second name where it has one, the raw `notification`.
   *
   * @param threadId Is added to the parameters if they name no thread. `null`: it is about none.
   */
  notify(threadId: string | null, method: string, params?: object): void;
  /**
   * Sends a server request of Codex, which is pending until a client answers it over the REST API,
   * its turn ends, its session is deleted or Codex ends. The ids of the thread and of the turn that
   * runs are added where they are missing. Resolves with the answer as Codex gets it; at once and
   * with an error for a method that codex-manager does not support; never, if it expires.
   */
  request(threadId: string, method: string, params?: object): Promise<FakeAnswer>;
  /**
   * Refuses the next answer to a pending request, which stays pending: 409 as if another client
   * were answering it, 500 as if Codex could not be reached.
   */
  refuseAnswer(status: AnswerRefusal): void;
  /**
   * Ends Codex, as when its process is killed: pending requests expire, then there is silence. The
   * sockets stay open and answer pings, and the REST API replies 500 wherever it needs Codex.
   */
  killCodex(): void;
  /**
   * Restarts the server and its Codex: closes every socket with code 1005, forgets pending requests
   * without an event, and counts requests from 0. Sessions are kept; turns that ran are lost.
   */
  restart(): void;
  /**
   * Plays what Codex did in a recording: its notifications, and its requests under their recorded
   * ids, which your client has to answer where the recording's client did: the recording waits.
   * Resolves after the last frame.
   */
  play(recording: Recording | readonly RecordedEntry[], options?: PlayOptions): Promise<void>;
}

/**
 * Starts a codex-manager without a codex on 127.0.0.1: its stream and its REST API, as measured on
 * the real one with Codex 0.107.0. It has sessions, turns and requests: it answers
 * `POST /api/sessions`, `…/messages`, `…/interrupt`, `…/rename`, `…/turns/:id/steer`, `GET` and
 * `DELETE` of a session, the lists of pending requests, the routes that answer them, `/api/health`,
 * with the statuses and the bodies of the real one. `rest` answers before all of them. Node only.
 *
 * @example
 * const server = await startFakeManager({
 *   async turn(turn) {
 *     turn.say('I will look.');
 *     const answer = await turn.request('item/commandExecution/requestApproval', {
 *       itemId: 'item-1',
 *       command: 'ls',
 *     });
 *     turn.say(`You said ${JSON.stringify(answer)}.`);
 *   },
 * });
 * const stream = connectManager({ url: server.url });
 *
 * @example
 * const threadId = server.session();
 * const answer = server.request(threadId, 'item/tool/call', { callId: 'c', tool: 'weather' });
 * server.notify(threadId, 'turn/diff/updated', { turnId: 'turn-1', diff: '' });
 */
export async function startFakeManager(options: FakeManagerOptions = {}): Promise<FakeManager> {
  mustBeKnown('', options, [...streamServerOptionNames, ...codexOptionNames, 'legacy']);
  const { port, refuse, greets, pongs, rest: override = () => null } = options;
  const refusals: AnswerRefusal[] = [];
  const closed = new Subject<void>();

  const core = createManagerCore((frame) => {
    // Events of the sessions that it created go only to the clients that are filtered to them.
    if (!core.sessions.isReserved(frame.threadId)) server.send(frame);
    else {
      for (const socket of server.sockets) {
        if (socket.threadId === frame.threadId) socket.send(frame);
      }
    }
  }, options);
  const { codex, sessions } = core;
  const { tools, notify, startTurn, turnStarted } = codex;
  const broadcast = (type: string, threadId: string, payload: object) => {
    server.send({ type, threadId, payload } as { type: string });
  };
  const routes = createManagerRoutes(core, await loadBodies(), () => refusals.shift(), broadcast);
  const server: StreamServer = await startStreamServer({
    ...(port !== undefined && { port }),
    ...(refuse && { refuse }),
    ...(greets !== undefined && { greets }),
    ...(pongs !== undefined && { pongs }),
    rest: (request) =>
      toObservable(() => override(request)).pipe(map((reply) => reply ?? routes(request))),
  });

  return {
    ...server,
    tools,
    notify,
    startTurn,
    turnStarted,
    get sockets() {
      return server.sockets;
    },
    session({ systemOwned = false, ...started } = {}) {
      mustBeKnown('', started, ['cwd', 'dynamicTools']);
      const { id } = core.start(started);
      if (systemOwned) sessions.reserve(id);
      return id;
    },
    request: (threadId, method, params) =>
      core.exit === null
        ? codex.request(threadId, method, params)
        : new Promise<never>(() => undefined),
    refuseAnswer(status) {
      refusals.push(status);
    },
    killCodex() {
      core.kill();
    },
    restart() {
      core.restart();
      for (const socket of server.sockets) socket.close();
    },
    play: (recording, playOptions) =>
      playRecording(managerSteps(entriesOf(recording)), codex, closed, playOptions, {
        answer(id, answer, settlement) {
          const request = core.pending.get(String(id));
          if (request) core.resolve(request, settlement, answer);
        },
        send(frame) {
          server.send(frame);
        },
      }),
    close() {
      closed.next();
      codex.lose();
      return server.close();
    },
  };
}
