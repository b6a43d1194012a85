import { AckPolicy, type ConsumerConfig, type ConsumerInfo } from '@nats-io/jetstream';
import type { KV, KvEntry } from '@nats-io/kv';
import { nanos } from '@nats-io/nats-core';
import { noop, Subscription, timer } from 'rxjs';
import { start } from './consumers.js';
import { isRefusal } from './lease.js';
import { encode } from './message.js';
import { NatsError } from './nats-error.js';
import { pause } from './pause.js';
import type { ReadingHost } from './reading.js';
import type { Shared } from './setup.js';

/** Up to where a group has handled a partition. */
interface Stored {
  readonly seq: number;
  /** Of the lease under which it was written. */
  readonly term: number;
  /** Whether events behind it may have been handled. */
  readonly isOpen: boolean;
  /** Where the group was to begin. */
  readonly from: string;
}

/** How many events are handled at most that no checkpoint covers. */
export const mostUncovered = 100;

/** How long an event waits at most until a checkpoint covers it, in ms. */
const interval = 200;

/**
 * Writes where a group begins into the checkpoints that it does not have yet: of all partitions at
 * once, so that a partition which is leased later does not begin later.
 *
 * @returns How the checkpoints that are there differ from what the options ask for.
 */
export async function beginCheckpoints({
  shared,
  settings: { names, group, from },
  partitions,
}: ReadingHost): Promise<string | null> {
  const { state, jsm } = shared;
  const isOne = await jsm.consumers.info(names.stream, `${group}-0`).then(
    () => true,
    () => false,
  );
  if (isOne) throw new NatsError('mode', `The group ${group} has consumers of mode "one".`);
  const asked = start(from).deliver_policy;
  const keys = Array.from({ length: partitions }, (_, number) => names.checkpoint(group, number));
  const found = await Promise.all(keys.map((key) => state.get(key)));
  const missing = keys.filter((_, index) => found[index]?.operation !== 'PUT');
  if (missing.length > 0) {
    // The sequence before the first event that `from` means, as the server understands it.
    const { delivered } = await probe(shared, names.stream, start(from));
    const stored: Stored = { seq: delivered.stream_seq, term: 0, isOpen: false, from: asked };
    await Promise.all(
      missing.map((key) =>
        state.create(key, encode(stored)).catch((error: unknown) => {
          // Another worker of the group was first.
          if (!isRefusal(error)) throw error;
        }),
      ),
    );
  }
  const other = found.find((entry) => entry && storedIn(entry).from !== asked);
  return other ? `${group} is there already: it began with "${storedIn(other).from}".` : null;
}

const storedIn = (entry: KvEntry): Stored => entry.json<Stored>();

/** How many events of a group no checkpoint covers. */
export async function uncovered(host: ReadingHost): Promise<number> {
  const { shared, settings, partitions } = host;
  const { names, group } = settings;
  const pending = Array.from({ length: partitions }, async (_, number) => {
    const entry = await shared.state.get(names.checkpoint(group, number));
    return entry?.operation === 'PUT' ? pendingBehind(host, number, storedIn(entry).seq) : 0;
  });
  return (await Promise.all(pending)).reduce((sum, count) => sum + count, 0);
}

/** How many events a partition has behind a sequence. */
export async function pendingBehind(
  { shared, settings: { names } }: ReadingHost,
  partition: number,
  seq: number,
): Promise<number> {
  const { num_pending } = await probe(shared, names.stream, {
    ...start({ seq: seq + 1 }),
    filter_subject: names.partition(partition),
  });
  return num_pending;
}

/** What the server says of a consumer that is gone again. */
async function probe(
  { jsm }: Shared,
  stream: string,
  config: Partial<ConsumerConfig>,
): Promise<ConsumerInfo> {
  const info = await jsm.consumers.add(stream, {
    ...config,
    // The subject of a request without a name is another one, for which permissions are needed.
    name: globalThis.crypto.randomUUID(),
    ack_policy: AckPolicy.None,
    inactive_threshold: nanos(30_000),
    mem_storage: true,
  });
  await jsm.consumers.delete(stream, info.name).catch(() => undefined);
  return info;
}

/** The checkpoint of a partition under one lease: that of another worker is not written over. */
export class Checkpoint {
  /** All up to this sequence is handled. */
  seq: number;
  #uncovered = 0;
  #writing: Promise<void> | null = null;
  #waiting = Subscription.EMPTY;
  #isStopped = false;
  #wake: () => void = noop;

  private constructor(
    private readonly state: KV,
    private readonly key: string,
    private revision: number,
    /** As it was found. */
    readonly found: Stored,
    private readonly term: number,
    private readonly lost: () => void,
  ) {
    this.seq = found.seq;
  }

  /**
   * Reads a checkpoint, and makes it this lease's own: what a former owner still writes is refused
   * from now on.
   *
   * @param lost Called when another worker has made it its own.
   */
  static async open(
    { shared: { state }, settings: { names, group } }: ReadingHost,
    partition: number,
    term: number,
    lost: () => void,
  ): Promise<Checkpoint> {
    const key = names.checkpoint(group, partition);
    for (;;) {
      const entry = await state.get(key);
      if (entry?.operation !== 'PUT') {
        throw new NatsError('setup', `The checkpoint ${key} was removed.`);
      }
      const found = storedIn(entry);
      const own: Stored = { ...found, term, isOpen: true };
      try {
        const revision = await state.update(key, encode(own), entry.revision);
        return new Checkpoint(state, key, revision, found, term, lost);
      } catch (error) {
        if (!isRefusal(error)) throw error;
      }
    }
  }

  /**
   * All up to `seq` is handled.
   *
   * @param events How many events that is more.
   */
  advance(seq: number, events: 0 | 1): void {
    if (this.#isStopped || seq <= this.seq) return;
    this.seq = seq;
    this.#uncovered += events;
    this.#schedule();
  }

  /** Resolves when one more event may be handled. */
  async room(): Promise<void> {
    while (this.#uncovered >= mostUncovered && !this.#isStopped) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  /** Writes no more. */
  stop(): void {
    this.#isStopped = true;
    this.#waiting.unsubscribe();
    this.#wake();
  }

  /**
   * Writes the last time.
   *
   * @param isOpen Whether handlers have seen an event behind it.
   */
  async close(isOpen: boolean): Promise<void> {
    if (this.#isStopped) return;
    this.stop();
    await this.#writing;
    await this.#write(isOpen).catch(() => undefined);
  }

  #schedule(): void {
    if (this.#isStopped || this.#writing) return;
    if (this.#uncovered >= mostUncovered / 2) this.#begin();
    else if (this.#waiting.closed) {
      this.#waiting = timer(interval).subscribe(() => {
        this.#begin();
      });
    }
  }

  #begin(): void {
    this.#waiting.unsubscribe();
    const { seq } = this;
    this.#writing = this.#write(true)
      .catch(() => pause(interval))
      .then(() => {
        this.#writing = null;
        this.#wake();
        if (this.seq > seq || this.#uncovered > 0) this.#schedule();
      });
  }

  async #write(isOpen: boolean): Promise<void> {
    const { seq, term, found } = this;
    const covered = this.#uncovered;
    const stored: Stored = { seq, term, isOpen, from: found.from };
    try {
      this.revision = await this.state.update(this.key, encode(stored), this.revision);
      this.#uncovered -= covered;
    } catch (error) {
      const entry = isRefusal(error) ? await this.state.get(this.key) : null;
      if (entry === null) throw error;
      // Perhaps the reply to an earlier write was lost.
      if (entry.operation === 'PUT' && storedIn(entry).term === term) {
        this.revision = entry.revision;
        throw error;
      }
      this.stop();
      this.lost();
    }
  }
}
