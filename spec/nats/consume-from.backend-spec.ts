import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { consumeFrom } from 'codex-rx/nats';
import { describeRouter, describeSource } from 'codex-rx/testing';
import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import { startWorkerStage } from './stage.js';
import type { NatsConnection } from '@nats-io/nats-core';

let server: NatsServer;
let nc: NatsConnection;

beforeAll(async () => {
  server = await startNatsServer();
  nc = await server.connect();
});

afterAll(() => server.close());

for (const mode of ['one', 'leased'] as const) {
  describeSource(`consumeFrom, mode ${mode}`, () => startWorkerStage(server, { mode }), {
    describe,
    it,
  });

  describeRouter(
    `the router of consumeFrom, mode ${mode}`,
    () => consumeFrom(nc, { tenant: 'a', group: 'g', mode }).router,
    { describe, it },
  );
}
