import { test } from '@jest/globals';
import assert from 'node:assert/strict';
import { connectManager } from 'codex-rx';
import { notification, startFaultProxy, startStreamServer } from 'codex-rx/testing';
import { firstValueFrom, toArray } from 'rxjs';

test('a reset is a gap, and the events after it come', async () => {
  const server = await startStreamServer();
  const proxy = await startFaultProxy({ target: server.url });
  const stream = connectManager({ url: proxy.url, reconnect: { base: 10 } });
  const types = firstValueFrom(stream.events$.pipe(toArray()));
  const gap = firstValueFrom(stream.gaps$);
  await stream.connect();
  server.send(notification('turn/started'));
  await firstValueFrom(stream.events$);
  proxy.reset();
  assert.equal((await gap).last?.type, 'app_server.turn.started');
  server.send(notification('turn/completed'));
  await firstValueFrom(stream.events$);
  await stream.close();
  assert.deepEqual(
    (await types).map(({ type }) => type),
    ['app_server.turn.started', 'app_server.turn.completed'],
  );
  await proxy.close();
  await server.close();
});
