import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { connectManager, type ManagerStream } from 'codex-rx';
import { feedLog, memoryLog, serveGateway, type Feed, type Gateway } from 'codex-rx/gateway';
import {
  describeGateway,
  describeSource,
  startStreamServer,
  type StreamServer,
} from 'codex-rx/testing';
import { bearer, behindAppServer, behindManager, plain, token } from './stage.js';

let server: StreamServer;
let source: ManagerStream;
let feed: Feed;
let gateway: Gateway;

beforeAll(async () => {
  server = await startStreamServer();
  source = connectManager({ url: server.url });
  feed = feedLog(source, memoryLog());
  gateway = await serveGateway(feed, { token });
  await source.connect();
});

afterAll(async () => {
  feed.close();
  await gateway.close();
  await source.close();
  await server.close();
});

describeGateway('a gateway', {
  url: () => gateway.url,
  headers: bearer,
  emit(frame) {
    server.send(frame);
  },
});

describeSource('a gateway in front of codex-manager', behindManager);
describeSource('a gateway in front of codex app-server', behindAppServer);
// A frame that its source garbles is an event of no client: those with numbers are told, others not.
const reports = 'reports a frame that cannot be read, and goes on';
describeSource(
  'a gateway in front of codex-manager, to a client without numbers',
  () => behindManager(plain),
  {
    describe,
    it: (title, run) => {
      if (title !== reports) test(title, run);
    },
  },
);
