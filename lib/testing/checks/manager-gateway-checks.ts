import { eventually, expectSame } from './expectation.js';
import type { GatewayClient } from './gateway-client.js';
import { gatewayChecksOf, type GatewayCheck, type GatewayVisit } from './gateway.js';

const stream = '/api/stream';

const isOf = (type: string) => (frame: unknown) =>
  (Object(frame) as { type?: unknown }).type === type;

/** Connects, and waits for the greeting. */
async function greeted(visit: GatewayVisit, query = ''): Promise<GatewayClient> {
  const client = await visit.connect(stream + query);
  expectSame(`a websocket at ${stream}${query}`, client.refused(), null);
  await eventually('a frame after the handshake', () => client.frames.length > 0);
  return client;
}

/** Commands are handled in order: all answers to earlier ones come before the pong. */
async function barrier(client: GatewayClient): Promise<void> {
  const pongs = () => client.frames.filter(isOf('pong')).length;
  const before = pongs();
  client.send({ type: 'ping' });
  await eventually('a pong for a ping', () => pongs() > before);
}

const ready = (threadId: string | null) => ({ type: 'ready', threadId });
const pong = { type: 'pong' };
const event = (text: string, threadId: string | null, type = 'app_server.check') => ({
  type,
  threadId,
  payload: { text },
});

/** The texts of the events, up to the last. */
async function textsUntil(client: GatewayClient, last: string): Promise<readonly unknown[]> {
  const textOf = (frame: unknown) =>
    (Object(frame) as { payload?: { text?: unknown } }).payload?.text;
  const texts = () => client.frames.map(textOf).filter((text) => text !== undefined);
  await eventually(`the event "${last}"`, () => texts().includes(last));
  return texts();
}

/** What a client of codex-manager expects of any server that claims to be one. */
export const managerGatewayChecks: readonly GatewayCheck[] = [
  ...gatewayChecksOf(null, {
    async 'greets with ready, which names the filter'(visit) {
      const filters = [
        ['', null],
        ['?threadId=t', 't'],
        ['?threadId=%20', ' '],
        ['?threadId=', null],
        ['?threadId=a&threadId=b', null],
      ] as const;
      for (const [query, threadId] of filters) {
        const { frames } = await greeted(visit, query);
        expectSame(`the first frame with "${query}" to be ready`, frames[0], ready(threadId));
      }
    },
    async 'answers a ping with a pong, also one with more members, and as bytes'(visit) {
      const client = await greeted(visit);
      await barrier(client);
      client.send({ type: 'ping', more: 1 });
      client.sendRaw(new TextEncoder().encode('{"type":"ping"}'));
      await barrier(client);
      expectSame('four pongs', client.frames, [ready(null), pong, pong, pong, pong]);
    },
    async 'answers a frame that is no command with an error, and goes on'(visit) {
      const bad = [
        'nonsense',
        'null',
        '[]',
        '{}',
        '{"type":"PING"}',
        '{"type":"subscribe"}',
        '{"type":"subscribe","threadId":""}',
        '{"type":"subscribe","threadId":5}',
      ];
      for (const command of bad) {
        const client = await greeted(visit);
        client.sendRaw(command);
        await barrier(client);
        const error = { type: 'error', message: 'invalid websocket command' };
        expectSame(`an error for ${command}`, client.frames, [ready(null), error, pong]);
      }
    },
    async 'does not answer an empty frame'(visit) {
      const client = await greeted(visit);
      client.sendRaw('');
      await barrier(client);
      expectSame('no answer to an empty frame', client.frames, [ready(null), pong]);
    },
    async 'does not answer subscribe and unsubscribe'(visit) {
      const client = await greeted(visit);
      client.send({ type: 'subscribe', threadId: 't', more: 1 });
      client.send({ type: 'unsubscribe' });
      await barrier(client);
      expectSame('no answer to them', client.frames, [ready(null), pong]);
    },
    async 'answers no client what another one has sent'(visit) {
      const [one, other] = [await greeted(visit), await greeted(visit)];
      one.send({ type: 'subscribe', threadId: 't' });
      one.send({ type: 'nonsense' });
      await barrier(one);
      await barrier(other);
      expectSame('the other client to get nothing', other.frames, [ready(null), pong]);
    },
    async 'says over REST whether its codex runs'({ rest }) {
      const { status, body } = await rest('/api/health');
      const { codex } = Object(body) as { codex?: { running?: unknown } };
      expectSame('GET /api/health to be answered', status, 200);
      expectSame('"codex.running" to be true or false', typeof codex?.running, 'boolean');
    },
    async 'lists nothing as pending in a session that it does not know'({ rest }) {
      for (const list of ['approvals', 'tool-calls', 'tool-input']) {
        const path = `/api/sessions/no-such-session/${list}`;
        expectSame(`GET ${path}`, await rest(path), { status: 200, body: { data: [] } });
      }
    },
    async 'answers 404 to answers for requests that it does not know'({ rest }) {
      const answers = [
        ['/api/approvals/no-such-request/decision', { decision: 'accept' }],
        ['/api/tool-calls/no-such-request/response', { text: 'x' }],
        ['/api/tool-input/no-such-request/decision', { decision: 'accept' }],
      ] as const;
      for (const [path, body] of answers) {
        expectSame(`the status of POST ${path}`, (await rest(path, body)).status, 404);
      }
    },
  }),
  ...gatewayChecksOf('emit', {
    async 'sends everything to a client without a filter'(visit) {
      const client = await greeted(visit);
      for (const frame of [event('a', 't'), event('b', null), event('c', 'u')])
        await visit.emit(frame);
      expectSame('all events, in order', await textsUntil(client, 'c'), ['a', 'b', 'c']);
      expectSame('a frame as it was sent', client.frames[1], event('a', 't'));
    },
    async 'sends a client with a filter the events of its thread, and none of no thread'(visit) {
      const client = await greeted(visit, '?threadId=t');
      for (const frame of [event('a', 'u'), event('b', null), event('c', 't')])
        await visit.emit(frame);
      expectSame('the event of its thread alone', await textsUntil(client, 'c'), ['c']);
    },
    async 'sends all clients the events of accounts, projects and deleted sessions'(visit) {
      const client = await greeted(visit, '?threadId=t');
      const types = ['account_updated', 'project_upserted', 'session_project_updated'];
      for (const type of types) await visit.emit(event(type, null, type));
      await visit.emit(event('session_deleted', 'u', 'session_deleted'));
      const texts = await textsUntil(client, 'session_deleted');
      expectSame('all of them, in spite of the filter', texts, [...types, 'session_deleted']);
    },
    async 'replaces the filter on subscribe, and drops it on unsubscribe'(visit) {
      const client = await greeted(visit, '?threadId=t');
      client.send({ type: 'subscribe', threadId: 'u' });
      await barrier(client);
      for (const frame of [event('a', 't'), event('b', 'u')]) await visit.emit(frame);
      expectSame('the new thread alone', await textsUntil(client, 'b'), ['b']);
      client.send({ type: 'unsubscribe' });
      await barrier(client);
      for (const frame of [event('c', 't'), event('d', null)]) await visit.emit(frame);
      expectSame('everything from then on', await textsUntil(client, 'd'), ['b', 'c', 'd']);
    },
  }),
];
