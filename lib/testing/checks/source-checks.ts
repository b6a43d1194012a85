import { Subscription } from 'rxjs';
import { notificationType } from '../../envelope/index.js';
import { ofAppServer } from '../../match/index.js';
import type { ConnectionStatus } from '../../socket/index.js';
import { checksOf } from './check.js';
import { eventually, expectSame, inTime } from './expectation.js';
import { sourceRequestChecks } from './source-request-checks.js';
import type { SourceCheck, SourceStage } from './source-stage.js';

const method = 'item/agentMessage/delta';

/** Has the server say something. */
const say = (stage: SourceStage, ...texts: readonly string[]): void => {
  for (const delta of texts) {
    stage.notify(method, { threadId: 't', turnId: 'u', itemId: 'i', delta });
  }
};

/** Records the events, reports and ends of a stream, in their order. */
function recordAll({ stream }: SourceStage) {
  const received: string[] = [];
  const ends: string[] = [];
  const statuses: ConnectionStatus[] = [];
  const end = (name: string) => ({
    error: () => ends.push(`${name} errors`),
    complete: () => ends.push(`${name} completes`),
  });
  stream.status$.subscribe({ next: (status) => statuses.push(status), ...end('status$') });
  stream.gaps$.subscribe({ next: () => received.push('gap'), ...end('gaps$') });
  stream.malformed$.subscribe({ next: () => received.push('malformed'), ...end('malformed$') });
  const events = record(stream, received, end('events$'));
  return { heard: received, ends, statuses, events };
}

function record(
  { events$ }: SourceStage['stream'],
  heard: string[],
  ends: { readonly error?: () => unknown; readonly complete?: () => unknown } = {},
): Subscription {
  return events$.subscribe({
    next({ type, payload }) {
      if (type !== notificationType(method)) return;
      heard.push((payload as { params: { delta: string } }).params.delta);
    },
    error: () => undefined,
    ...ends,
  });
}

const isReady = (status: ConnectionStatus | undefined): boolean =>
  status?.state === 'open' && status.phase === 'ready';

const isBack = (status: ConnectionStatus): boolean =>
  status.state === 'open' && status.phase === 'ready' && status.connection > 1;

const connect = ({ stream }: SourceStage) =>
  inTime('connect() to resolve when the server is there', stream.connect());

/** The states that may follow each state. */
const legal: Readonly<Record<string, readonly string[]>> = {
  idle: ['connecting', 'closed'],
  connecting: ['opened', 'ready', 'waiting', 'idle', 'closed'],
  opened: ['ready', 'waiting', 'idle', 'closed'],
  // `ready` again: the upstream of the server has changed.
  ready: ['ready', 'waiting', 'idle', 'closed'],
  waiting: ['connecting', 'idle', 'closed'],
  closed: [],
};

const nameOf = (status: ConnectionStatus): string =>
  status.state === 'open' ? status.phase : status.state;

/**
 * What everything downstream expects of any source: the invariants that `describeSource` checks.
 */
export const sourceChecks: readonly SourceCheck[] = [
  ...checksOf<SourceStage>({
    async 'delivers events in the order of the server'(stage) {
      const { heard } = recordAll(stage);
      await connect(stage);
      say(stage, 'a', 'b', 'c', 'd');
      await eventually('4 events on events$', () => heard.length >= 4);
      expectSame('events$ in the order of the server', heard, ['a', 'b', 'c', 'd']);
    },
    async 'shows an event to the router before the subscribers'(stage) {
      const log: string[] = [];
      stage.stream.events$.subscribe(({ type }) => {
        if (type === notificationType(method)) log.push('subscriber');
      });
      stage.stream.on(ofAppServer(method), () => log.push('route'));
      await connect(stage);
      say(stage, 'a');
      await eventually('the event at a route and on events$', () => log.length >= 2);
      expectSame('the route to come first', log, ['route', 'subscriber']);
    },
    async 'reports a frame that cannot be read, and goes on'(stage) {
      const { heard, ends } = recordAll(stage);
      await connect(stage);
      say(stage, 'a');
      stage.garble();
      say(stage, 'b');
      await eventually('the event after the bad frame on events$', () => heard.includes('b'));
      expectSame('the frame on malformed$, and events on', heard, ['a', 'malformed', 'b']);
      expectSame('nothing to end', ends, []);
    },
    async 'is ready when connect() has resolved'(stage) {
      const { statuses } = recordAll(stage);
      await connect(stage);
      expectSame('status$ to be ready then', isReady(statuses.at(-1)), true);
    },
    async 'connects once, however often connect() is called'(stage) {
      const { statuses } = recordAll(stage);
      await Promise.all([connect(stage), connect(stage)]);
      await connect(stage);
      const tries = statuses.filter(({ state }) => state === 'connecting');
      expectSame('one attempt to connect', tries.length, 1);
    },
    async 'connects for a subscriber of events$'(stage) {
      const { statuses } = recordAll(stage);
      await eventually('a stream with a subscriber to connect', () => isReady(statuses.at(-1)));
    },
    async 'gives a late subscriber the events from then on, and nothing else'(stage) {
      const { heard } = recordAll(stage);
      await connect(stage);
      say(stage, 'a');
      await eventually('the first event', () => heard.length === 1);
      const late: string[] = [];
      record(stage.stream, late);
      say(stage, 'b');
      await eventually('the second event', () => heard.length === 2 && late.includes('b'));
      expectSame('the late subscriber to get the second event alone', late, ['b']);
    },
    async 'serves a subscriber that left and came back'(stage) {
      const { heard, events } = recordAll(stage);
      await connect(stage);
      events.unsubscribe();
      record(stage.stream, heard);
      say(stage, 'a');
      await eventually('an event for the subscriber that came back', () => heard.length > 0);
    },
    async 'gives a late subscriber of status$ its state at once'(stage) {
      await connect(stage);
      const late: boolean[] = [];
      stage.stream.status$.subscribe((status) => late.push(isReady(status)));
      expectSame('status$ to be ready at once', late, [true]);
    },
    async 'goes from one state to the next as a connection does'(stage) {
      const { statuses } = recordAll(stage);
      await connect(stage);
      stage.drop();
      await eventually('the stream to connect again', () => statuses.some(isBack));
      await inTime('close() to resolve', stage.stream.close());
      const names = statuses.map(nameOf);
      const illegal = names.filter(
        (name, i) => i > 0 && !legal[names[i - 1] ?? '']?.includes(name),
      );
      expectSame(`legal states (${names.join(', ')})`, illegal, []);
      expectSame('the last state to be closed', names.at(-1), 'closed');
    },
    async 'never errors: it comes back, and events go on'(stage) {
      const { heard, ends, statuses } = recordAll(stage);
      await connect(stage);
      stage.drop();
      await eventually('the stream to connect again', () => statuses.some(isBack));
      say(stage, 'a');
      await eventually('an event after that', () => heard.includes('a') || ends.length > 0);
      expectSame('nothing to end with a connection', ends, []);
    },
    async 'announces a gap before the first event after it'(stage) {
      const { heard, statuses } = recordAll(stage);
      await connect(stage);
      say(stage, 'a');
      await eventually('the first event', () => heard.length === 1);
      stage.drop();
      await eventually('the stream to connect again', () => statuses.some(isBack));
      say(stage, 'b');
      await eventually('an event after that', () => heard.includes('b'));
      expectSame('one gap, on gaps$, between the events', heard, ['a', 'gap', 'b']);
    },
    async 'completes everything when it is closed, and no earlier'(stage) {
      const { ends } = recordAll(stage);
      await connect(stage);
      expectSame('nothing to end before that', ends, []);
      await inTime('close() to resolve', stage.stream.close());
      const all = ['events$', 'gaps$', 'malformed$', 'status$'].map((name) => `${name} completes`);
      await eventually(`${all.join(', ')} after close()`, () => ends.length >= all.length);
      expectSame('each to complete once', [...ends].sort(), all);
    },
    async 'may be closed twice, and before it was connected'({ stream }) {
      await inTime('close() to resolve before connect()', stream.close());
      await inTime('close() to resolve the second time', stream.close());
    },
    async 'rejects connect() once it is closed'({ stream }) {
      await inTime('close() to resolve', stream.close());
      const outcome = stream.connect().then(
        () => 'resolves',
        () => 'rejects',
      );
      expectSame(
        'connect() after close()',
        await inTime('connect() to settle', outcome),
        'rejects',
      );
    },
  }),
  ...sourceRequestChecks,
];
