import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  appServerGatewayChecks,
  describeGateway,
  gatewayChecks,
  managerGatewayChecks,
  runGatewayCheck,
  startFakeAppServer,
  startStreamServer,
  type FakeAppServer,
  type Gateway,
  type StreamServer,
} from 'codex-rx/testing';
import {
  startToyAppServer,
  startToyManager,
  type AppServerFlaw,
  type ManagerFlaw,
  type Toy,
} from './toy-gateways.js';

let manager: StreamServer;
let appServer: FakeAppServer;

beforeAll(async () => {
  [manager, appServer] = await Promise.all([
    startStreamServer(),
    startFakeAppServer({ token: 'secret' }),
  ]);
});

afterAll(() => Promise.all([manager.close(), appServer.close()]));

const headers = { authorization: 'Bearer secret' };

// As its users write it: with the describe and it of their framework.
describeGateway('startStreamServer()', {
  url: () => manager.url,
  emit: (frame) => {
    manager.send(frame);
  },
});
describeGateway('startFakeAppServer()', {
  url: () => appServer.url,
  protocol: 'app-server',
  headers,
});

/** The titles of the checks that a toy fails, and what they say. */
async function failing(toy: Toy, protocol: 'codex-manager' | 'app-server') {
  const { url, emit } = toy;
  const gateway: Gateway = { url, emit, protocol, headers };
  const failed: [string, string][] = [];
  for (const check of gatewayChecks(gateway)) {
    await runGatewayCheck(check, gateway).catch((error: unknown) => {
      failed.push([check.title, (error as Error).message]);
    });
  }
  await toy.close();
  return failed;
}

const managerFlaws: readonly (readonly [ManagerFlaw, title: string, message: string])[] = [
  [
    'greets without a filter',
    'greets with ready, which names the filter',
    'Expected the first frame with "?threadId=t" to be ready: expected ' +
      '{ threadId: "t", type: "ready" }, got { threadId: null, type: "ready" }.',
  ],
  [
    'no pong for bytes',
    'answers a ping with a pong, also one with more members, and as bytes',
    'Expected four pongs: expected [',
  ],
  [
    'bad commands in silence',
    'answers a frame that is no command with an error, and goes on',
    'Expected an error for nonsense: expected [',
  ],
  [
    'an error for nothing',
    'does not answer an empty frame',
    'Expected no answer to an empty frame: expected [',
  ],
  [
    'subscriptions acknowledged',
    'does not answer subscribe and unsubscribe',
    'Expected no answer to them: expected [',
  ],
  [
    'an echo to others',
    'answers no client what another one has sent',
    'Expected the other client to get nothing: expected [',
  ],
  [
    'silent of its codex',
    'says over REST whether its codex runs',
    'Expected "codex.running" to be true or false: expected "boolean", got "undefined".',
  ],
  [
    '404 for unknown sessions',
    'lists nothing as pending in a session that it does not know',
    'Expected GET /api/sessions/no-such-session/approvals: expected { body: { data: [] }, status: 200 }',
  ],
  [
    '200 for unknown requests',
    'answers 404 to answers for requests that it does not know',
    'Expected the status of POST /api/approvals/no-such-request/decision: expected 404, got 200.',
  ],
  [
    'events of no thread withheld',
    'sends everything to a client without a filter',
    'Expected all events, in order: expected ["a", "b", "c"], got ["a", "c"].',
  ],
  [
    'no filter',
    'sends a client with a filter the events of its thread, and none of no thread',
    'Expected the event of its thread alone: expected ["c"], got ["a", "b", "c"].',
  ],
  [
    'filters everything',
    'sends all clients the events of accounts, projects and deleted sessions',
    'Expected the event "session_deleted": nothing of it in 2000 ms.',
  ],
  [
    'filters add up',
    'replaces the filter on subscribe, and drops it on unsubscribe',
    'Expected the new thread alone: expected ["b"], got ["a", "b"].',
  ],
];

const appServerFlaws: readonly (readonly [AppServerFlaw, title: string, message: string])[] = [
  [
    'calls before initialize',
    'refuses calls before initialize',
    'Expected thread/loaded/list to be refused: expected { code: -32600, message: "Not initialized" }, got undefined.',
  ],
  [
    'jsonrpc',
    'answers initialize with its user agent',
    'Expected no member but "id" and "result": expected ["id"], got ["jsonrpc", "id"].',
  ],
  [
    'initialize again and again',
    'refuses a second initialize',
    'Expected the second initialize to be refused: expected { code: -32600, message: "Already initialized" }, got undefined.',
  ],
  [
    'waits for initialized',
    'accepts calls as soon as initialize is answered, with ids that are numbers or text',
    'Expected thread/loaded/list with the id 7 to have a result: expected undefined, got {',
  ],
  [
    'method not found',
    'refuses a method that it does not know with -32600',
    'Expected the code of the error: expected -32600, got -32601.',
  ],
  [
    'bytes are frames',
    'ignores frames that are no messages, and goes on',
    'Expected answers to the call alone: expected 1, got 2.',
  ],
  [
    'any origin',
    'refuses a handshake that has an Origin',
    'Expected the status of the handshake: expected 403, got null.',
  ],
  [
    'any token',
    'refuses a handshake without its token, or with another',
    'Expected the status of the handshake: expected 401, got null.',
  ],
];

describe('managerGatewayChecks', () => {
  test('find nothing wrong with a toy that holds to all of them', async () => {
    expect(await failing(await startToyManager(), 'codex-manager')).toEqual([]);
  });

  test.each(managerFlaws)(
    'find %s, by: %s',
    async (flaw, title, message) => {
      const failed = new Map(await failing(await startToyManager(flaw), 'codex-manager'));
      expect(failed.get(title)).toContain(message);
    },
    20_000,
  );

  test('have a negative control each', () => {
    expect(managerFlaws.map(([, title]) => title)).toEqual(
      managerGatewayChecks.map(({ title }) => title),
    );
  });
});

describe('appServerGatewayChecks', () => {
  test('find nothing wrong with a toy that holds to all of them', async () => {
    expect(await failing(await startToyAppServer(), 'app-server')).toEqual([]);
  });

  test.each(appServerFlaws)('find %s, by: %s', async (flaw, title, message) => {
    const failed = new Map(await failing(await startToyAppServer(flaw), 'app-server'));
    expect(failed.get(title)).toContain(message);
  });

  test('have a negative control each', () => {
    expect(appServerFlaws.map(([, title]) => title)).toEqual(
      appServerGatewayChecks.map(({ title }) => title),
    );
  });
});

describe('describeGateway', () => {
  const titles = (gateway: Gateway) => {
    const suites: string[] = [];
    const tests: string[] = [];
    describeGateway('mine', gateway, {
      describe(title, suite) {
        suites.push(title);
        suite();
      },
      it: (title) => tests.push(title),
    });
    return [suites, tests] as const;
  };

  test('leaves out what it cannot check: filters without emit, and the token without one', () => {
    const [suites, tests] = titles({ url: 'http://127.0.0.1:9' });
    expect(suites).toEqual(['mine as a codex-manager']);
    expect(tests).toEqual(
      managerGatewayChecks.filter(({ needs }) => needs !== 'emit').map(({ title }) => title),
    );
    expect(tests).toHaveLength(9);
    expect(titles({ url: 'ws://127.0.0.1:9', protocol: 'app-server' })[1]).toHaveLength(7);
  });

  test('refuses a protocol that it does not know', () => {
    expect(() => titles({ url: 'http://127.0.0.1:9', protocol: 'x' as never })).toThrow(
      '"protocol" must be "codex-manager" or "app-server", not x.',
    );
  });

  test('a gateway that is not there is told', async () => {
    const gateway = { url: 'http://127.0.0.1:9/' };
    const cause = expect.objectContaining({ code: 'ECONNREFUSED' }) as unknown;
    await expect(runGatewayCheck(managerGatewayChecks[0]!, gateway)).rejects.toMatchObject({
      message: 'Expected a server at ws://127.0.0.1:9/api/stream.',
      cause,
    });
  });
});
