import { expect, test } from '@jest/globals';
import type { NatsConnection } from '@nats-io/nats-core';
import { flushed } from '../../lib/nats/connected.js';

const connection = (flush: () => Promise<void>) => ({ flush }) as NatsConnection;

test('a flush that fails, since the connection is gone, ends like one that worked', async () => {
  await expect(
    flushed(connection(() => Promise.reject(new Error('connection disconnected')))),
  ).resolves.toBeUndefined();
});

test('a flush that a server never answers ends too', async () => {
  await expect(flushed(connection(() => new Promise(() => undefined)))).resolves.toBeUndefined();
});
