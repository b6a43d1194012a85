import { amounts, has, mustBe, mustBeKnown } from '../options/index.js';
import type { StreamLog } from '../text/index.js';
import type { OutboxSettings } from './outbox.js';
import type { StreamSetup } from './setup.js';

/** The options of `publishTo`. */
export interface PublisherOptions {
  /** Whose events these are: a name of letters, digits, `_` and `-`. Each tenant has a stream. */
  readonly tenant: string;
  /**
   * Into how many partitions the threads are divided. Cannot be changed in an existing stream.
   *
   * @default 16
   */
  readonly partitions?: number;
  /**
   * Whether this publisher, while another one leads, keeps the events of the last minute (50,000,
   * or about 64 MiB, at most), so that it can take over without a gap.
   *
   * @default true
   */
  readonly standby?: boolean;
  /**
   * How long a leader that says nothing leads on, in ms.
   *
   * @default 5,000
   */
  readonly ttl?: number;
  /**
   * How long a worker that says nothing keeps a server request, in ms. Counts when the first
   * publisher of a tenant begins.
   *
   * @default 15,000
   */
  readonly claimTtl?: number;
  /**
   * How many messages may wait for the server. Beyond it, events that may be dropped are, and a gap
   * is announced; server requests and lifecycle events wait up to four times it.
   *
   * @default 10,000
   */
  readonly bound?: number;
  /**
   * The same in bytes.
   *
   * @default 64 MiB
   */
  readonly maxBytes?: number;
  /**
   * How many messages may be on their way at once.
   *
   * @default 64
   */
  readonly window?: number;
  /**
   * What two publishers of one source must have in common besides their partitions, such as the
   * `ignore` of their streams. With another seed a standby announces a gap instead.
   *
   * @default ''
   */
  readonly seed?: string;
  /** What the stream keeps. Only for a stream that this publisher makes. */
  readonly keep?: KeepOptions;
  /** Gets what fails. @default console */
  readonly log?: StreamLog | false;
  /** Closes the publisher when it is aborted. */
  readonly signal?: AbortSignal;
}

/** How much a JetStream stream keeps. */
export interface KeepOptions {
  /**
   * For how long, in ms.
   *
   * @default 7 days
   */
  readonly age?: number;
  /**
   * How much, in bytes: set it to what the disk can bear.
   *
   * @default without a bound
   */
  readonly bytes?: number;
  /**
   * On how many servers of a cluster.
   *
   * @default 1
   */
  readonly replicas?: number;
}

export interface PublisherSettings extends StreamSetup {
  readonly tenant: string;
  readonly standby: boolean;
  readonly seed: string;
  readonly outbox: OutboxSettings;
  readonly log: StreamLog | false;
  readonly signal: AbortSignal | undefined;
}

const optionNames = [
  'tenant',
  'partitions',
  'standby',
  'ttl',
  'claimTtl',
  'bound',
  'maxBytes',
  'window',
  'seed',
  'keep',
  'log',
  'signal',
] as const satisfies readonly (keyof PublisherOptions)[];

/** @throws TypeError that names the option that is wrong. */
export function publisherSettings(options: PublisherOptions): PublisherSettings {
  mustBeKnown('', options, optionNames);
  const { tenant, standby = true, seed = '', log = console, signal, keep = {} } = options;
  mustBeKnown('keep.', keep, ['age', 'bytes', 'replicas']);
  const { partitions, ttl, claimTtl, bound, maxBytes, window } = amounts('', options, {
    partitions: 16,
    ttl: 5_000,
    claimTtl: 15_000,
    bound: 10_000,
    maxBytes: 64 * 2 ** 20,
    window: 64,
  });
  const kept = amounts('keep.', keep, { age: 7 * 86_400_000, bytes: 0, replicas: 1 });
  mustBe(isCount(partitions) && partitions <= 1_024, 'partitions', 'a number from 1 to 1,024');
  mustBe(ttl >= 1_000, 'ttl', '1,000 or more', ttl);
  mustBe(isCount(window), 'window', 'a whole number above 0', window);
  mustBe(!signal || has(signal, 'addEventListener'), 'signal', 'an AbortSignal');
  return {
    tenant,
    partitions,
    standby,
    ttl,
    claimTtl,
    seed,
    log,
    signal,
    outbox: { window, bound, maxBytes },
    maxAge: kept.age,
    maxBytes: kept.bytes || -1,
    replicas: kept.replicas,
  };
}

const isCount = (value: number): boolean => Number.isInteger(value) && value > 0;
