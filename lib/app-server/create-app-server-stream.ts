import {
  BehaviorSubject,
  defer,
  filter,
  of,
  Subscription,
  switchMap,
  tap,
  type Observable,
} from 'rxjs';
import type { AppServerPayload, AppServerRequestPayload } from '../envelope/index.js';
import { createRouter, type EventRouter } from '../router/index.js';
import { ConnectionError, type TransportRequest, type OpenTransport } from '../socket/index.js';
import {
  ask,
  createStream,
  type Ask,
  type Dialect,
  type EventStream,
  type ConnectionControl,
} from '../stream/index.js';
import { appServerSettings, type AppServerStreamOptions } from './app-server-options.js';
import type { AppServerStream, ExperimentalMethods } from './app-server-stream.js';
import type { CallError } from './call-error.js';
import { calling, callOn, overloaded, type CallOptions, type CallSettings } from './calls.js';
import { createDriftReport } from './drift.js';
import { createInFlight } from './in-flight.js';
import { createIdWriter, isRequest, isResponse, readMessage } from './message.js';
import { createPacing } from './pacing.js';
import { partialMethod } from './partial-calls.js';
import { createSupportLog, serverInfoOf, type ServerInfo } from './server-info.js';
import { createAppServerRequests } from './server-requests.js';
import { restoring } from './restore.js';
import { createThreads, type Request } from './threads.js';
import { toEvent } from './to-event.js';

/** How a server is reached. */
export interface Endpoint {
  readonly openTransport: OpenTransport;
  /** Asked anew for each attempt, given the most that a frame may weigh, in bytes. */
  readonly request: (maxFrameBytes: number) => Observable<TransportRequest>;
}

/** JSON-RPC has no ping: the cheapest call there is, whose answer does not matter. */
const pingId = 'codex-rx.ping';
const ping = `{"method":"thread/loaded/list","id":"${pingId}","params":{"limit":1}}`;

/** Notifications after which a thread is followed no more. */
const ends: readonly string[] = ['thread/closed', 'thread/archived', 'thread/deleted'];

/** The stream of a `codex app-server` over a transport. */
export function createAppServerStream(
  options: AppServerStreamOptions,
  transport: Endpoint,
): AppServerStream<ExperimentalMethods> {
  const settings = appServerSettings(options);
  const { maxFrameBytes, ...streamSettings } = settings.stream;
  const router = options.router ?? createRouter();
  const threads = createThreads();
  const drift = createDriftReport(settings.drift, streamSettings.log);
  const logSupport = createSupportLog(streamSettings.log);
  /** Whether calls may be sent: the handshake is done, and the threads are followed again. */
  const canSend = new BehaviorSubject(false);
  const inTurn = createPacing(canSend);
  let isRestoring = false;
  let server: ServerInfo | null = null;
  let peer: ConnectionControl | null = null;

  const send = (text: string): boolean => peer?.send(text) ?? false;
  const inFlight = createInFlight(send, (method, result) => {
    drift.observeResult(method, result);
  });
  const ids = createIdWriter();
  const requests = createAppServerRequests(
    send,
    settings.overdueAfter,
    ids.write,
    streamSettings.log,
  );
  const request: Request = (method, params, id) =>
    inFlight.request(method, params, id).pipe(
      tap((result) => {
        threads.called(method, params, result);
      }),
    );

  const dialect: Dialect = {
    threadId: () => null,

    opened(current) {
      peer = current;
      inFlight.request('initialize', settings.initialize).subscribe({
        next(result) {
          server = serverInfoOf(result, settings.initialize.clientInfo.name);
          logSupport(server);
          send('{"method":"initialized"}');
          current.ready();
          if (!isRestoring) canSend.next(true);
        },
        error(error: unknown) {
          const { kind } = error as CallError;
          if (kind === 'refused') current.fail(notInitialized(error as CallError));
        },
      });
    },

    read(text, current) {
      const message = readMessage(text);
      if (isResponse(message)) {
        if (message.id === pingId) return null;
        const isInitialized = canSend.value;
        inFlight.settle(message, text);
        if (isInitialized) current.yield();
        return null;
      }
      const event = toEvent(message);
      drift.observe(event.payload as AppServerPayload);
      if (isRequest(message)) {
        ids.observe(message.id, text);
        return requests.announce(event) ? event : null;
      }
      if (message.method === partialMethod) inFlight.partial(message.params);
      requests.observe(event);
      if (event.threadId !== null && ends.includes(message.method)) threads.remove(event.threadId);
      return event;
    },
  };

  const stream: EventStream = createStream(dialect, {
    ...streamSettings,
    router,
    ping,
    openTransport: transport.openTransport,
    request: () => drift.loaded$.pipe(switchMap(() => transport.request(maxFrameBytes))),
    upstream$: of('up'),
    resync: restoring({
      request,
      threads,
      requests,
      callTimeout: settings.callTimeout,
      random: streamSettings.random,
      lost$: defer(() => stream.status$.pipe(filter(({ state }) => state !== 'open'))),
      resync: settings.resync,
      begin() {
        isRestoring = true;
        requests.interrupted();
        canSend.next(false);
      },
      done() {
        // What was lost meanwhile is over too, and not restored.
        if (!isRestoring) return;
        isRestoring = false;
        canSend.next(true);
      },
    }),
  });

  const callSettings: CallSettings = {
    request,
    newId: inFlight.newId,
    canSend$: canSend,
    inTurn,
    timeout: settings.callTimeout,
    random: streamSettings.random,
  };
  const asking: Ask = (method, params) => calling(stream, callSettings, method, params);

  const refusing = settings.refuses ? refuseUnhandled(router as EventRouter) : Subscription.EMPTY;

  stream.status$.subscribe({
    next({ state }) {
      if (state === 'open' || state === 'connecting') return;
      isRestoring = false;
      canSend.next(false);
      requests.lose();
      // Calls know by themselves that the stream is closed.
      if (state !== 'closed') inFlight.lose();
    },
    complete() {
      inFlight.lose();
      requests.close();
      refusing.unsubscribe();
    },
  });

  function refuseUnhandled({ unhandled$ }: EventRouter): Subscription {
    return unhandled$.subscribe((event) => {
      const { signalType, method } = Object(event.payload) as Partial<AppServerRequestPayload>;
      if (signalType !== 'request' || requests.isServed(event)) return;
      void requests.requests.refuse(event, `Nothing handles ${method}.`);
    });
  }

  return {
    ...stream,
    ...{ [ask]: asking },
    get server() {
      return server;
    },
    call: ((method: string, params: unknown, callOptions?: CallOptions) =>
      callOn(
        stream,
        callSettings,
        method,
        params,
        callOptions,
      )) as AppServerStream<ExperimentalMethods>['call'],
    call$: ((method: string, params: unknown, callOptions?: CallOptions) =>
      calling(
        stream,
        callSettings,
        method,
        params,
        callOptions,
      )) as AppServerStream<ExperimentalMethods>['call$'],
    requests: requests.requests,
    drift: () => drift.read(),
  };
}

/** A server that is too busy to greet is asked again, later; one that says no is not. */
function notInitialized(error: CallError): ConnectionError {
  const message = `The server refused the handshake: ${error.message}.`;
  const isPermanent = error.code !== overloaded;
  return new ConnectionError('refused', message, isPermanent, error.code, { cause: error });
}
