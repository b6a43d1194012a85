import { toolResult, type CodexStream, type ConnectionStatus, type Envelope } from 'codex-rx';
import type { SourceStage } from 'codex-rx/testing';
import {
  bufferCount,
  concat,
  concatMap,
  defer,
  delay,
  filter,
  finalize,
  merge,
  mergeMap,
  NEVER,
  ReplaySubject,
  Subject,
  switchMap,
  take,
  takeUntil,
  throwError,
} from 'rxjs';

const ended = ({ status$ }: CodexStream) => status$.pipe(filter(({ state }) => state === 'closed'));

const delta = 'app_server.item.agent_message.delta';

/** A stream with one thing wrong, each under the name of what that is. */
const flaws = {
  'events in another order': ({ events$ }) => ({
    events$: merge(
      events$.pipe(filter(({ type }) => type !== delta)),
      events$.pipe(
        filter(({ type }) => type === delta),
        bufferCount(4),
        concatMap(([first, ...rest]) => [...rest, first as Envelope]),
      ),
    ),
  }),
  'subscribers before the router': ({ on }) => ({
    on: ((matcher: never, handler: (event: unknown, context: never) => unknown) =>
      on(matcher, (async (event: unknown, context: never) => {
        await Promise.resolve();
        return handler(event, context);
      }) as never)) as unknown as CodexStream['on'],
  }),
  'bad frames in silence': ({ malformed$ }) => ({
    malformed$: malformed$.pipe(filter(() => false)),
  }),
  'connect() too early': (stream) => ({
    async connect() {
      void stream.connect();
      await Promise.resolve();
    },
  }),
  'one attempt for each connect()': (stream) => ({
    status$: stream.status$.pipe(
      mergeMap((status) => (status.state === 'connecting' ? [status, status] : [status])),
    ),
  }),
  'no connection without connect()': (stream) => {
    const connected = new ReplaySubject<void>(1);
    return {
      events$: connected.pipe(
        take(1),
        switchMap(() => stream.events$),
        takeUntil(ended(stream)),
      ),
      connect() {
        connected.next();
        return stream.connect();
      },
    };
  },
  'events from before': ({ events$ }) => {
    const all = new ReplaySubject<Envelope>(Infinity);
    let isFirst = true;
    return {
      events$: defer(() => {
        if (isFirst) events$.subscribe(all);
        isFirst = false;
        return all;
      }),
    };
  },
  'nothing for who comes again': (stream) => {
    let hasLeft = false;
    return {
      events$: defer(() =>
        hasLeft
          ? NEVER.pipe(takeUntil(ended(stream)))
          : stream.events$.pipe(finalize(() => (hasLeft = true))),
      ),
    };
  },
  'no state for who comes late': ({ status$ }) => {
    const late = new Subject<ConnectionStatus>();
    status$.subscribe(late);
    return { status$: late };
  },
  'states left out': ({ status$ }) => ({
    status$: status$.pipe(filter(({ state }) => state !== 'connecting' && state !== 'waiting')),
  }),
  'an error for a lost connection': (stream) => ({
    events$: merge(
      stream.events$,
      stream.status$.pipe(
        filter(({ state }) => state === 'waiting'),
        switchMap(() => throwError(() => new Error('lost'))),
      ),
    ).pipe(takeUntil(ended(stream))),
  }),
  'gaps too late': ({ gaps$ }) => ({ gaps$: gaps$.pipe(delay(30)) }),
  'no end of events': ({ events$ }) => ({ events$: concat(events$, NEVER) }),
  'no second close()': (stream) => {
    let isClosed = false;
    return {
      close() {
        if (isClosed) return Promise.reject(new Error('closed'));
        isClosed = true;
        return stream.close();
      },
    };
  },
  'connect() without an answer once closed': (stream) => ({
    connect: () => stream.connect().catch(() => undefined),
  }),
  'requests handed out twice': (stream) => ({
    requests: {
      ...stream.requests,
      serve: ((method: never, handler: (...args: unknown[]) => unknown) =>
        stream.requests.serve(method, ((...args: unknown[]) => {
          handler(...args);
          return handler(...args);
        }) as never)) as never,
    },
  }),
  'requests approved by default': (stream) => {
    let serving = false;
    return {
      get requests() {
        if (!serving) stream.requests.serve('item/tool/call', () => toolResult('yes'));
        serving = true;
        return stream.requests;
      },
    };
  },
  'failures in silence': (stream) => ({
    router: { ...stream.router, errors$: stream.router.errors$.pipe(filter(() => false)) },
  }),
  'a promise that nobody catches': (stream) => ({
    connect() {
      void stream.connect().then(() => Promise.reject(new Error('nobody')));
      return stream.connect();
    },
  }),
} satisfies Record<string, (stream: CodexStream) => Partial<CodexStream>>;

export type SourceFlaw = keyof typeof flaws;

/** A stage whose stream has a flaw. */
export function broken(flaw: SourceFlaw, stage: SourceStage): SourceStage {
  const { stream } = stage;
  const changed: Partial<CodexStream> = flaws[flaw](stream);
  const all = Object.getOwnPropertyDescriptors(stream);
  return {
    ...stage,
    stream: Object.defineProperties(
      {},
      { ...all, ...Object.getOwnPropertyDescriptors(changed) },
    ) as CodexStream,
  };
}
