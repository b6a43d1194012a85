import { amounts, mustBe, mustBeKnown } from '../options/index.js';
import type { StreamLog } from '../text/index.js';
import type { OutboxSettings } from './outbox.js';
import type { KeepOptions } from './publisher-options.js';
import { logNamesOf, type LogNames } from './subjects.js';

/** The options of `jetStreamLog`. */
export interface JetStreamLogOptions {
  /** Whose events these are: a name of letters, digits, `_` and `-`. */
  readonly tenant: string;
  /**
   * Which log of the tenant: each source has its own. A name like that of the tenant.
   *
   * @default 'gateway'
   */
  readonly name?: string;
  /** What the stream keeps. Only for a stream that this call makes. */
  readonly keep?: KeepOptions;
  /**
   * How many messages may wait for the server. Beyond it, records are dropped, and the feed reports
   * a gap in their place.
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
  /** Gets what fails. @default console */
  readonly log?: StreamLog | false;
}

export interface LogSettings {
  readonly names: LogNames;
  readonly outbox: OutboxSettings;
  /** How long records are kept, in ms. */
  readonly maxAge: number;
  /** How much is kept, in bytes; -1: without a bound. */
  readonly maxBytes: number;
  readonly replicas: number;
  readonly log: StreamLog | false;
}

/** @throws TypeError that names the option that is wrong. */
export function logSettings(options: JetStreamLogOptions): LogSettings {
  mustBeKnown('', options, ['tenant', 'name', 'keep', 'bound', 'maxBytes', 'log']);
  const { tenant, name = 'gateway', keep = {}, log = console } = options;
  mustBeKnown('keep.', keep, ['age', 'bytes', 'replicas']);
  const { bound, maxBytes } = amounts('', options, { bound: 10_000, maxBytes: 64 * 2 ** 20 });
  const kept = amounts('keep.', keep, { age: 7 * 86_400_000, bytes: 0, replicas: 1 });
  mustBe(bound >= 10, 'bound', '10 or more', bound);
  return {
    names: logNamesOf(tenant, name),
    outbox: { window: 64, bound, maxBytes },
    maxAge: kept.age,
    maxBytes: kept.bytes || -1,
    replicas: kept.replicas,
    log,
  };
}
