import { expect, test } from '@jest/globals';
import { connectManager } from 'codex-rx';

/** A port of the loopback that nothing listens on. */
const url = 'http://127.0.0.1:9';

test('connect({ timeout }) rejects with the last reason as cause, and the stream goes on trying', async () => {
  const stream = connectManager({ url, log: false, health: false });
  let last = '';
  stream.status$.subscribe(({ state }) => (last = state));
  await expect(stream.connect({ timeout: 200 })).rejects.toMatchObject({
    kind: 'timeout',
    cause: { kind: 'unreachable' },
  });
  expect(['waiting', 'connecting']).toContain(last);
  await stream.close();
});

test('connect() of a stream that is closed while it tries again says why it had to', async () => {
  const stream = connectManager({ url, log: false, health: false });
  const ready = stream.connect();
  await stream.connect({ timeout: 200 }).catch(() => undefined);
  await stream.close();
  await expect(ready).rejects.toMatchObject({ kind: 'lost', cause: { kind: 'unreachable' } });
});

test.each([
  ['reconect', { reconect: false }, 'reconnect'],
  ['heartbeat.timout', { heartbeat: { timout: 5 } }, 'timeout'],
  ['reconnect.atempts', { reconnect: { atempts: 5 } }, 'attempts'],
  ['health.intervall', { health: { intervall: 5 } }, 'interval'],
])('the unknown option %s is a TypeError that names the nearest', (name, options, near) => {
  expect(() => connectManager({ url, ...(options as object) })).toThrow(
    new TypeError(`"${name}" is not an option: did you mean "${near}"?`),
  );
});
