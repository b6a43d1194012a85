import type { NatsConnection } from '@nats-io/nats-core';
import { mustBe, mustBeKnown } from '../options/index.js';
import { findShared, partitionsOf } from './setup.js';
import { namesOf, partitionOf, threadToken } from './subjects.js';

/** The options of `forgetThread`. */
export interface ForgetOptions {
  /** Whose events these are, as the publisher names it. */
  readonly tenant: string;
  readonly threadId: string;
}

/**
 * Removes all that is stored of a thread: its events, the pieces of large ones, and its dead
 * letters. What is published later is stored as ever. Resolves with the number of messages that
 * were removed.
 *
 * @throws TypeError that names the option that is wrong. The promise rejects with it.
 */
export async function forgetThread(nc: NatsConnection, options: ForgetOptions): Promise<number> {
  mustBeKnown('', options, ['tenant', 'threadId']);
  const { tenant, threadId } = options;
  mustBe(typeof threadId === 'string', 'threadId', 'a string');
  const names = namesOf(tenant);
  const { jsm, state } = await findShared(nc, names);
  const token = threadToken(threadId);
  const partition = partitionOf(token, await partitionsOf(state, names, null));
  const filters = [
    [names.stream, names.thread(partition, token)],
    [names.stream, names.part(partition, token)],
    [names.deadStream, names.deadOf('*', partition, token)],
  ] as const;
  let purged = 0;
  for (const [stream, filter] of filters)
    purged += (await jsm.streams.purge(stream, { filter })).purged;
  return purged;
}
