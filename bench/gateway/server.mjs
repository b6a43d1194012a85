// The server that is measured: the gateway, or as little of a relay as there can be.

import { connectManager } from 'codex-rx';
import { feedLog, memoryLog, serveGateway } from 'codex-rx/gateway';
import { cpuUsage } from 'node:process';
import { WebSocket, WebSocketServer } from 'ws';

const [kind, upstream] = process.argv.slice(2);
const servers = { gateway, relay };
process.send({ url: await servers[kind]() });
let before;
process.on('message', (message) => {
  if (message === 'begin') {
    before = cpuUsage();
    process.send({});
  } else {
    const { user, system } = cpuUsage(before);
    process.send({ cpu: user + system });
  }
});

async function gateway() {
  const source = connectManager({ url: upstream, health: false, heartbeat: false, resync: false });
  const feed = feedLog(source, memoryLog());
  await source.connect();
  const { url } = await serveGateway(feed, { token: 'bench' });
  return url;
}

async function relay() {
  const source = new WebSocket(upstream);
  await new Promise((resolve) => source.once('message', resolve));
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
  await new Promise((resolve) => server.on('listening', resolve));
  source.on('message', (data) => {
    for (const client of server.clients) client.send(data, { binary: false });
  });
  return `http://127.0.0.1:${server.address().port}`;
}
