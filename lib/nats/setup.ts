import {
  DiscardPolicy,
  jetstream,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
  type JetStreamClient,
  type JetStreamManager,
  type StreamConfig,
} from '@nats-io/jetstream';
import { Kvm, type KV } from '@nats-io/kv';
import { nanos, type NatsConnection } from '@nats-io/nats-core';
import { NatsError } from './nats-error.js';
import type { Names } from './subjects.js';

/** What publishers and workers share on the server. */
export interface Shared {
  readonly js: JetStreamClient;
  readonly jsm: JetStreamManager;
  /** The status of the publisher, and the number of partitions. */
  readonly state: KV;
  /** Which worker works on a request. Its entries live for `claimTtl` ms. */
  readonly claims: KV;
  readonly claimTtl: number;
  /** The requests that a group has no more work with. */
  readonly done: KV;
}

export interface SharedByPublishers extends Shared {
  readonly lead: KV;
}

export interface StreamSetup {
  readonly partitions: number;
  /** Of the lease, in ms. */
  readonly ttl: number;
  /** How long events are kept, in ms. */
  readonly maxAge: number;
  /** How much is kept, in bytes; -1: without a bound. */
  readonly maxBytes: number;
  readonly replicas: number;
  /** How long a worker that says nothing keeps a request, in ms. */
  readonly claimTtl: number;
}

const [second, day] = [1_000, 86_400_000];

/** Makes the stream and the buckets, unless they are there. An existing stream stays as it is. */
export async function openShared(
  nc: NatsConnection,
  names: Names,
  { partitions, ttl, maxAge, maxBytes, replicas, claimTtl }: StreamSetup,
): Promise<SharedByPublishers> {
  const jsm = await jetstreamManager(nc);
  const common = {
    storage: StorageType.File,
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.Old,
    num_replicas: replicas,
    allow_direct: true,
  };
  await ensureStream(jsm, {
    ...common,
    name: names.stream,
    subjects: [...names.subjects],
    max_age: nanos(maxAge),
    max_bytes: maxBytes,
    duplicate_window: nanos(Math.min(120 * second, maxAge)),
  });
  await ensureStream(jsm, {
    ...common,
    name: names.deadStream,
    subjects: [names.dead],
    max_age: nanos(30 * day),
    max_bytes: maxBytes,
  });
  const kvm = new Kvm(nc);
  const bucket = { history: 1, replicas, storage: StorageType.File };
  const [lead, state, claims, done] = await Promise.all([
    kvm.create(names.leadBucket, { ...bucket, ttl }),
    kvm.create(names.stateBucket, bucket),
    kvm.create(names.claimsBucket, { ...bucket, ttl: claimTtl }),
    kvm.create(names.doneBucket, { ...bucket, ttl: day }),
  ]);
  await state.create('partitions', String(partitions)).catch(() => 0);
  const found = await readPartitions(state, names);
  if (found !== partitions) throw differs(names, found, partitions);
  return { js: jetstream(nc), jsm, lead, state, claims, claimTtl, done };
}

/** Makes a stream, unless it is there. */
export async function ensureStream(
  jsm: JetStreamManager,
  config: Partial<StreamConfig> & { readonly name: string },
): Promise<void> {
  try {
    await jsm.streams.info(config.name);
  } catch {
    await jsm.streams.add(config);
  }
}

/** The leases, of publishers and of workers in mode `leased`, and how long one lives, in ms. */
export async function findLeases(
  nc: NatsConnection,
  { leadBucket }: Names,
): Promise<{ readonly bucket: KV; readonly ttl: number }> {
  const bucket = await new Kvm(nc).open(leadBucket);
  const { ttl } = await bucket.status();
  return { bucket, ttl };
}

/** What publishers have made. */
export async function findShared(nc: NatsConnection, names: Names): Promise<Shared> {
  const jsm = await jetstreamManager(nc, { checkAPI: false });
  const kvm = new Kvm(nc);
  const [state, claims, done] = await Promise.all([
    kvm.open(names.stateBucket),
    kvm.open(names.claimsBucket),
    kvm.open(names.doneBucket),
  ]);
  const { ttl: claimTtl } = await claims.status();
  return { js: jetstream(nc), jsm, state, claims, claimTtl, done };
}

/** @throws NatsError if no publisher has written the number, or it is not the one asked for. */
export async function partitionsOf(state: KV, names: Names, asked: number | null): Promise<number> {
  const found = await readPartitions(state, names);
  if (asked !== null && asked !== found) throw differs(names, found, asked);
  return found;
}

async function readPartitions(state: KV, { stateBucket, stream }: Names): Promise<number> {
  let cause: unknown = null;
  const entry = await state.get('partitions').catch((error: unknown) => {
    cause = error;
    return null;
  });
  const partitions = Number(entry?.string());
  if (Number.isInteger(partitions) && partitions > 0) return partitions;
  const message = `${stateBucket} has no number of partitions: start a publisher for ${stream} first.`;
  throw new NatsError('setup', message, { cause });
}

const differs = ({ stream }: Names, found: number, asked: number): NatsError =>
  new NatsError(
    'partitions',
    `${stream} has ${found} partitions, not ${asked}: they cannot be changed in a stream that there is.`,
  );
