// The gateway whose memory is measured: of its source's port, the bytes of its log, and options of the gateway.

import { connectManager } from 'codex-rx';
import { feedLog, memoryLog, serveGateway } from 'codex-rx/gateway';
import { memoryUsage } from 'node:process';

const [port, bytes, options] = process.argv.slice(2);
const source = connectManager({
  url: `http://127.0.0.1:${port}`,
  health: false,
  heartbeat: false,
  resync: false,
});
const feed = feedLog(source, memoryLog({ bytes: Number(bytes) }));
await source.connect();
const gateway = await serveGateway(feed, { token: 'scale', log: false, ...JSON.parse(options) });
process.send(Number(new URL(gateway.url).port));
process.on('message', () => {
  globalThis.gc();
  const { heapUsed, external } = memoryUsage();
  process.send({ bytes: heapUsed + external, clients: gateway.clients });
});
