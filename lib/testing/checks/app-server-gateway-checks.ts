import { expectSame } from './expectation.js';
import type { GatewayClient } from './gateway-client.js';
import { gatewayChecksOf, type GatewayCheck, type GatewayVisit } from './gateway.js';

interface Answer {
  readonly id?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string };
}

const initialize = {
  clientInfo: { name: 'codex-rx-check', title: 'codex-rx', version: '0.0.0' },
  capabilities: { experimentalApi: false },
};

async function connected(visit: GatewayVisit): Promise<GatewayClient> {
  const client = await visit.connect('');
  expectSame('the handshake of a websocket to be accepted', client.refused(), null);
  return client;
}

/** Calls a method, and waits for its answer. */
async function call(
  client: GatewayClient,
  id: number | string,
  method: string,
  params: object = {},
): Promise<Answer> {
  client.send({ id, method, params });
  const answers = (frame: Answer) => frame.id === id && ('result' in frame || 'error' in frame);
  return (await client.frame(`an answer to ${method}`, answers)) as Answer;
}

async function initialized(visit: GatewayVisit): Promise<GatewayClient> {
  const client = await connected(visit);
  const { error } = await call(client, 0, 'initialize', initialize);
  expectSame('initialize to be answered with a result', error, undefined);
  return client;
}

/** A call that any server knows. */
const list = 'thread/loaded/list';

const refusal = ({ error }: Answer) => error && { code: error.code, message: error.message };

/** What a client of `codex app-server` expects of any server that claims to be one. */
export const appServerGatewayChecks: readonly GatewayCheck[] = [
  ...gatewayChecksOf(null, {
    async 'refuses calls before initialize'(visit) {
      const answer = await call(await connected(visit), 1, list);
      const expected = { code: -32600, message: 'Not initialized' };
      expectSame(`${list} to be refused`, refusal(answer), expected);
    },
    async 'answers initialize with its user agent'(visit) {
      const { result, ...rest } = await call(await connected(visit), 1, 'initialize', initialize);
      const { userAgent } = Object(result) as { userAgent?: unknown };
      expectSame('"userAgent" in the result to be text', typeof userAgent, 'string');
      expectSame('no member but "id" and "result"', Object.keys(rest), ['id']);
    },
    async 'refuses a second initialize'(visit) {
      const answer = await call(await initialized(visit), 1, 'initialize', initialize);
      const expected = { code: -32600, message: 'Already initialized' };
      expectSame('the second initialize to be refused', refusal(answer), expected);
    },
    async 'accepts calls as soon as initialize is answered, with ids that are numbers or text'(
      visit,
    ) {
      const client = await initialized(visit);
      for (const id of [7, 'seven', 2 ** 40]) {
        const { error } = await call(client, id, list);
        expectSame(`${list} with the id ${id} to have a result`, error, undefined);
      }
    },
    async 'refuses a method that it does not know with -32600'(visit) {
      const { error } = await call(await initialized(visit), 1, 'no/such/method');
      expectSame('the code of the error', error?.code, -32600);
    },
    async 'ignores frames that are no messages, and goes on'(visit) {
      const client = await initialized(visit);
      const answers = () => client.frames.filter((frame) => 'id' in Object(frame)).length;
      const before = answers();
      for (const text of [
        'nonsense',
        '',
        'null',
        '[]',
        '5',
        '{"id":99,"result":{}}',
        '{"id":98}',
      ]) {
        client.sendRaw(text);
      }
      client.sendRaw(
        new TextEncoder().encode(JSON.stringify({ id: 97, method: list, params: {} })),
      );
      client.send({ method: 'no/such/notification' });
      await call(client, 1, list);
      expectSame('answers to the call alone', answers() - before, 1);
    },
    async 'refuses a handshake that has an Origin'({ connect, headers }) {
      const client = await connect('', { ...headers, origin: 'http://127.0.0.1' });
      expectSame('the status of the handshake', client.refused(), 403);
    },
  }),
  ...gatewayChecksOf('authorization', {
    async 'refuses a handshake without its token, or with another'({ connect }) {
      for (const headers of [{}, { authorization: 'Bearer no-such-token' }]) {
        const client = await connect('', headers);
        expectSame('the status of the handshake', client.refused(), 401);
      }
    },
  }),
];
