import { afterAll, describe, expect, test } from '@jest/globals';
import { NEVER } from 'rxjs';
import {
  allow,
  coalesceDeltas,
  connectManager,
  createRouter,
  createThreadFold,
  defineSkill,
  deny,
  foldThread,
  forThread,
  forThreadTree,
  openWebSocket,
  remoteSkills,
  startTurn,
  threadList,
  threadState,
  threadTree,
  toolResult,
  watchTurn,
} from 'codex-rx';
import { eventStream, feedLog, inspect, memoryLog, serveGateway } from 'codex-rx/gateway';
import { consumeFrom, forgetThread, publishTo, replayThread } from 'codex-rx/nats';
import { connectAppServer } from 'codex-rx/node';
import { record, recordTransport, redact, replay } from 'codex-rx/recording';
import {
  envelope,
  marbles,
  notification,
  request,
  startFakeAppServer,
  startFakeManager,
  startFaultProxy,
  startStreamServer,
  turn,
} from 'codex-rx/testing';
import {
  connects,
  expects,
  expectsRest,
  leaves,
  refuses,
  startProcessTranscript,
  startTranscript,
  transcriptOf,
} from 'codex-rx/testing/transcript';

const url = 'http://127.0.0.1:9';
const manager = connectManager({ url, log: false });
const appServer = connectAppServer({ url: 'ws://127.0.0.1:9', log: false });
const feed = feedLog(manager, memoryLog());
/** Options are looked at before it is. */
const nats = {} as never;
const skill = defineSkill({ name: 'a', description: 'b', handler: () => 'c' });
const { requests } = manager;
const threadId = 't';

/** An option that no function has, near one that it has; and what takes it. */
type Row = readonly [
  wrong: string,
  near: string,
  take: (options: never) => unknown,
  group?: string,
];

const rows: Readonly<Record<string, readonly Row[]>> = {
  core: [
    ['reconect', 'reconnect', (o: object) => connectManager({ url, ...o })],
    ['bas', 'base', (o) => connectManager({ url, reconnect: o }), 'reconnect.'],
    ['timout', 'timeout', (o) => connectManager({ url, heartbeat: o }), 'heartbeat.'],
    ['intervall', 'interval', (o) => connectManager({ url, health: o }), 'health.'],
    ['stategy', 'strategy', (o) => createRouter(o)],
    ['stategy', 'strategy', (o) => manager.on(forThread('t'), () => undefined, o)],
    ['onEror', 'onError', (o) => requests.serve('item/tool/call', () => undefined, o)],
    ['becaus', 'by', (o) => requests.answer({ key: 'k' } as never, {} as never, o)],
    ['mesage', 'message', (o) => requests.refuse({ key: 'k' } as never, o), 'error.'],
    ['timout', 'timeout', (o) => manager.connect(o)],
    ['timout', 'timeout', (o) => manager.rest('/api/health', undefined, o)],
    ['thread', 'threadId', (o: object) => remoteSkills(manager, { skills: [skill], ...o })],
    ['instuct', 'instruct', (o) => skillsOf().send('x', o)],
    ['singal', 'signal', (o) => skillsOf().dispatch({ params: { tool: 'a' } } as never, o)],
    [
      'hander',
      'handler',
      (o: object) => defineSkill({ name: 'a', description: 'b', ...o } as never),
    ],
    ['sucess', 'success', (o) => toolResult('x', o)],
    ['comand', 'command', (o) => allow(o)],
    ['pth', 'path', (o) => deny(o)],
    ['evry', 'every', (o) => coalesceDeltas(o)],
    ['freez', 'freeze', (o) => createThreadFold(threadId, o)],
    ['freez', 'freeze', (o) => foldThread(threadId, o)],
    ['evry', 'every', (o) => foldThread(threadId, o)],
    ['wiat', 'wait', (o) => forThreadTree(manager, threadId, o)],
    ['evry', 'every', (o) => threadState(manager, threadId, o)],
    ['evry', 'every', (o) => threadList(manager, o)],
    ['evry', 'every', (o) => threadTree(manager, threadId, o)],
    ['quite', 'quiet', (o) => startTurn(manager, { threadId, input: 'x' }, o)],
    ['whenbusy', 'whenBusy', (o) => startTurn(manager, { threadId, input: 'x' }, o)],
    ['limt', 'limit', (o) => watchTurn(manager, { threadId, turnId: 'u' }, o)],
  ],
  node: [
    ['comand', 'command', (o) => connectAppServer({ process: o } as never), 'process.'],
    ['callTimout', 'callTimeout', (o: object) => connectAppServer({ url: 'ws://x', ...o })],
    ['nam', 'name', (o) => connectAppServer({ url: 'ws://x', client: o }), 'client.'],
    ['timout', 'timeout', (o) => appServer.call('thread/loaded/list', {}, o)],
    ['timout', 'timeout', (o) => appServer.call$('thread/loaded/list', {}, o)],
  ],
  gateway: [
    ['authorise', 'authorize', (o) => serveGateway(feed, o)],
    ['tokn', 'token', (o) => inspect(manager, o)],
    ['event', 'events', (o) => memoryLog(o)],
    ['thread', 'threadId', (o) => eventStream(feed, o)],
  ],
  nats: [
    ['tenat', 'tenant', (o) => publishTo(nats, manager, o)],
    ['byte', 'bytes', (o) => publishTo(nats, manager, { tenant: 'a', keep: o }), 'keep.'],
    ['grup', 'group', (o) => consumeFrom(nats, o)],
    ['folow', 'follow', (o) => replayThread(nats, o)],
    ['thread', 'threadId', (o) => forgetThread(nats, o)],
  ],
  recording: [
    ['maxByte', 'maxBytes', (o) => record([], o)],
    ['protocl', 'protocol', (o) => recordTransport(openWebSocket, [], o)],
    ['sped', 'speed', (o) => replay('', o)],
    [
      'emial',
      'email',
      (o) => redact(Object.fromEntries(Object.keys(o).map((key) => [key, false]))),
    ],
  ],
  testing: [
    ['greet', 'greets', (o) => startStreamServer(o)],
    ['legasy', 'legacy', (o) => startFakeManager(o)],
    ['tokn', 'token', (o) => startFakeAppServer(o)],
    ['por', 'port', (o: object) => startFaultProxy({ target: url, ...o })],
    ['promt', 'prompt', (o) => turn(o)],
    ['thread', 'threadId', (o) => envelope('a', null, o)],
    ['receivdAt', 'receivedAt', (o) => notification('turn/started', undefined, o)],
    ['receivdAt', 'receivedAt', (o) => request('item/tool/call', undefined, o)],
    ['roundTri', 'threadId', (o) => marbles(({ stream }) => stream('|', {}, o))],
    ['timout', 'timeout', (o) => startTranscript([connects()], o)],
    ['timout', 'timeout', (o) => startProcessTranscript([connects()], o)],
    ['soc', 'sock', (o) => transcriptOf([], o)],
    ...[connects.bind(null, {}), refuses.bind(null, 500), expects.bind(null, {}), leaves].map(
      (step): Row => ['withn', 'within', (o) => step(o)],
    ),
    ['withn', 'within', (o) => expectsRest('GET', '/', undefined, null, o)],
  ],
};

const skillsOf = () => remoteSkills(manager, { skills: [skill], threadId });

afterAll(async () => {
  feed.close();
  await manager.close();
});

describe.each(Object.entries(rows))('an option that %s does not know', (_, table) => {
  test.each(table.map(([wrong, near, take, group = '']) => [group + wrong, near, take, wrong]))(
    '%s is refused, with the name that is nearest to it',
    async (path, near, take, wrong) => {
      const options = { [wrong as string]: NEVER } as never;
      const error = await Promise.resolve()
        .then(() => (take as (options: never) => unknown)(options))
        .catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(TypeError);
      const { message } = error as Error;
      expect(message).toContain(`"${path as string}" is not an option`);
      expect(message).toContain(near);
    },
  );
});
