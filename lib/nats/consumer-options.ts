import { mustBe, mustBeKnown, amounts } from '../options/index.js';
import { streamSettings, type StreamOptions } from '../stream/index.js';
import { namesOf, type Names } from './subjects.js';

type Shared = 'router' | 'signal' | 'linger' | 'log' | 'reconnect' | 'connectTimeout' | 'random';

/** The options of `consumeFrom`. */
export interface ConsumerOptions extends Pick<StreamOptions, Shared> {
  /** Whose events are consumed, as the publisher names it. */
  readonly tenant: string;
  /**
   * The workers of a group share the events; each group gets every event. A name of letters,
   * digits, `_` and `-`.
   */
  readonly group: string;
  /**
   * Where a group begins that the server does not know yet: with what is published from then on,
   * with all that is kept, at a sequence, or at a time. Later it goes on where it was.
   *
   * @default 'new'
   */
  readonly from?: 'new' | 'all' | { readonly seq: number } | { readonly time: Date };
  /**
   * How the workers of a group share the partitions:
   * - `one`: any worker gets the next event of any partition, and acknowledges it to the server;
   * - `leased`: each worker leases its share of the partitions, and writes how far it is now and
   *   then. Faster where handlers are quick. After a crash up to 100 events of each of its
   *   partitions come again, to another worker, once the lease has expired (`ttl` of the
   *   publisher).
   *
   * A group stays in its mode.
   *
   * @default 'one'
   */
  readonly mode?: 'one' | 'leased';
  /**
   * The number of partitions, where it has to be a certain one.
   *
   * @default what the publisher has written
   */
  readonly partitions?: number;
  /**
   * What happens after a handler has failed on an event: all routes that match it get it once more,
   * after each of the `retryDelays`, and then it becomes a dead letter; or it is reported on
   * `errors$` of the router alone.
   *
   * @default 'retry'
   */
  readonly onError?: 'retry' | 'report';
  /**
   * How long to wait before each further try, in ms. Meanwhile the partition waits.
   *
   * @default [200, 1_000, 5_000]
   */
  readonly retryDelays?: readonly number[];
  /**
   * How long a worker that says nothing keeps an event, in ms. Counts when the group begins. A
   * worker speaks while its handlers run. In mode `leased` this is for requests alone.
   *
   * @default 30,000
   */
  readonly ackWait?: number;
  /**
   * How long `close` waits for handlers that run, in ms.
   *
   * @default 10,000
   */
  readonly drainTimeout?: number;
  /**
   * How long a request may wait until `overdue$` emits it, in ms.
   *
   * @default 30,000
   */
  readonly overdueAfter?: number;
}

export interface ConsumerSettings {
  readonly names: Names;
  readonly group: string;
  readonly from: NonNullable<ConsumerOptions['from']>;
  readonly mode: 'one' | 'leased';
  readonly partitions: number | null;
  readonly onError: 'retry' | 'report';
  readonly retryDelays: readonly number[];
  readonly ackWait: number;
  readonly drainTimeout: number;
  readonly overdueAfter: number;
  readonly stream: ReturnType<typeof streamSettings>;
}

const optionNames = [
  'router',
  'signal',
  'linger',
  'log',
  'reconnect',
  'connectTimeout',
  'random',
  'tenant',
  'group',
  'from',
  'mode',
  'partitions',
  'onError',
  'retryDelays',
  'ackWait',
  'drainTimeout',
  'overdueAfter',
] as const satisfies readonly (keyof ConsumerOptions)[];

/** @throws TypeError that names the option that is wrong. */
export function consumerSettings(options: ConsumerOptions): ConsumerSettings {
  mustBeKnown('', options, optionNames);
  const { tenant, group, from = 'new', partitions = null, onError = 'retry' } = options;
  const { mode = 'one', retryDelays = [200, 1_000, 5_000], reconnect } = options;
  const isGroup = typeof group === 'string' && /^[A-Za-z0-9_-]{1,64}$/.test(group);
  mustBe(isGroup, 'group', 'a name of letters, digits, "_" and "-"');
  mustBe(isStart(from), 'from', '"new", "all", { seq } or { time }');
  mustBe(['one', 'leased'].includes(mode), 'mode', '"one" or "leased"', mode);
  const isCount = partitions === null || (Number.isInteger(partitions) && partitions > 0);
  mustBe(isCount, 'partitions', 'a whole number above 0');
  mustBe(['retry', 'report'].includes(onError), 'onError', '"retry" or "report"', onError);
  const areDelays = Array.isArray(retryDelays) && retryDelays.every((delay) => delay >= 0);
  mustBe(areDelays, 'retryDelays', 'an array of numbers, 0 or more');
  const given = amounts('', options, {
    ackWait: 30_000,
    drainTimeout: 10_000,
    overdueAfter: 30_000,
  });
  mustBe(given.ackWait >= 100, 'ackWait', '100 or more', given.ackWait);
  const { router, signal, linger, log, connectTimeout, random } = options;
  const shared = { router, signal, linger, log, connectTimeout, random };
  const present = Object.entries(shared).filter(([, value]) => value !== undefined);
  return {
    names: namesOf(tenant),
    group,
    from,
    mode,
    partitions,
    onError,
    retryDelays,
    ...given,
    stream: streamSettings({
      ...(Object.fromEntries(present) as StreamOptions),
      // The client has its own pings, and comes back by itself: there is little to wait for.
      heartbeat: false,
      reconnect: reconnect === false ? false : { base: 100, cap: 2_000, ...reconnect },
    }),
  };
}

function isStart(from: unknown): boolean {
  if (from === 'new' || from === 'all') return true;
  const { seq, time } = Object(from) as { seq?: unknown; time?: unknown };
  return (Number.isInteger(seq) && (seq as number) > 0) || time instanceof Date;
}
