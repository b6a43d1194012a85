import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { connectManager, type ManagerStream } from 'codex-rx';
import { CodexHealth } from 'codex-rx/nest';
import { fakeTransport, type FakeTransport } from 'codex-rx/testing';
import { until } from '../support/until.js';

let transport: FakeTransport;
let stream: ManagerStream;

beforeEach(() => {
  transport = fakeTransport();
  stream = connectManager({
    url: 'ws://127.0.0.1/',
    transport: transport.open,
    heartbeat: false,
    health: false,
    reconnect: { base: 0 },
    log: false,
  });
});

afterEach(() => stream.close());

const greet = () => {
  transport.last.accept();
  transport.last.send({ type: 'ready', threadId: null });
};

test('a stream that nothing has opened is alive, and not ready', () => {
  const health = new CodexHealth(stream);
  expect(health.liveness()['codex']).toMatchObject({ status: 'up', state: 'idle' });
  expect(health.readiness()['codex']).toMatchObject({ status: 'down', state: 'idle' });
});

test('an open one is both; one that waits is not ready, and alive until it has waited too long', async () => {
  const patient = new CodexHealth(stream);
  const impatient = new CodexHealth(stream, { key: 'agent', maxAway: 0 });
  void stream.connect();
  greet();
  const up = { status: 'up', state: 'open', upstream: 'unknown', away: 0, error: null, queued: 0 };
  await until(() => patient.readiness()['codex']!.status === 'up');
  expect(patient.readiness()).toEqual({ codex: up });
  expect(impatient.liveness()).toEqual({ agent: up });
  transport.last.end();
  await until(() => patient.readiness()['codex']!.status === 'down');
  expect(patient.liveness()['codex']!.status).toBe('up');
  expect(impatient.liveness()['agent']!.status).toBe('down');
  expect(patient.readiness()['codex']!.error).not.toBeNull();
  await until(() => transport.connections.length > 1);
  greet();
  await until(() => patient.readiness()['codex']!.status === 'up');
  expect(patient.readiness()['codex']!.error).toBeNull();
});

test('a closed one is neither', async () => {
  const health = new CodexHealth(stream);
  await stream.close();
  expect(health.liveness()['codex']).toMatchObject({ status: 'down', state: 'closed' });
  expect(health.readiness()['codex']).toMatchObject({ status: 'down', state: 'closed' });
});

test('its options are checked', () => {
  expect(() => new CodexHealth(stream, { maxAway: -1 })).toThrow('"maxAway" must be a number');
  expect(() => new CodexHealth(stream, { name: 'x' } as never)).toThrow('"name" is not an option');
});
