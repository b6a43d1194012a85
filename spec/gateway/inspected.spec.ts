import { afterEach, describe, expect, test } from '@jest/globals';
import { connectAppServer } from 'codex-rx/node';
import { connectManager, ofType, type CodexStream } from 'codex-rx';
import { feedLog, memoryLog } from 'codex-rx/gateway';
import { envelope, fakeTransport, startFakeAppServer, startFakeManager } from 'codex-rx/testing';
import { Subscription, type Observable } from 'rxjs';
import { inspectedRoutes } from '../../lib/gateway/inspected.js';
import { eventually } from '../support/eventually.js';

const lifetime = new Subscription();
afterEach(() => {
  lifetime.unsubscribe();
});

const boom = () => {
  throw new Error('no');
};
const writing = () => {
  const lines: string[] = [];
  const write = (line: string) => void lines.push(line);
  return { lines, log: { warn: write, error: write } };
};

test('the page of the inspector gets the last errors of handlers, and how many there were', () => {
  const stream = connectManager({ url: 'ws://127.0.0.1:9', log: false });
  const routes = inspectedRoutes(stream, null, lifetime);
  stream.on(ofType('a'), boom, { name: 'broken' });
  for (let time = 0; time < 150; time++) stream.router.dispatch(envelope('a'));
  const { count, messages } = routes.read().handlerErrors;
  expect(count).toBe(150);
  expect(messages).toHaveLength(100);
  expect(messages[0]).toBe('Route "broken" failed in its handler on a: no');
});

describe('a report is written to the log of the program unless the program hears it', () => {
  /** Lets a fresh stream fail in one way: what was written, and what the gateway was told. */
  type Failing = (log: ReturnType<typeof writing>['log'], hear: Hear) => Promise<void>;
  type Hear = (stream: CodexStream) => void;

  const malformed: Failing = async (log, hear) => {
    const socket = fakeTransport();
    const stream = connectManager({ url: 'ws://fake', transport: socket.open, health: false, log });
    hear(stream);
    void stream.connect();
    socket.last.accept();
    socket.last.send({ type: 'ready', threadId: null });
    socket.last.sendText('{');
    await stream.close();
  };
  const handler: Failing = async (log, hear) => {
    const stream = connectManager({ url: 'ws://fake', log });
    hear(stream);
    stream.on(ofType('a'), boom, { name: 'broken' });
    stream.router.dispatch(envelope('a'));
    await stream.close();
  };
  const request =
    (kind: 'manager' | 'app-server'): Failing =>
    async (log, hear) => {
      const server = await (kind === 'manager' ? startFakeManager() : startFakeAppServer());
      const { url } = server;
      const stream =
        kind === 'manager' ? connectManager({ url, log }) : connectAppServer({ url, log });
      hear(stream);
      let ran = 0;
      stream.requests.serve(
        () => true,
        () => {
          ran++;
          return boom();
        },
        { name: 'broken' },
      );
      await stream.connect();
      const threadId =
        'session' in server
          ? server.session()
          : (await (stream as ReturnType<typeof connectAppServer>).call('thread/start', {})).thread
              .id;
      const at = { threadId, turnId: 'u', itemId: 'i' };
      const asked = server.request(threadId, 'item/commandExecution/requestApproval', {
        ...at,
        command: 'ls',
        startedAtMs: 0,
      });
      asked.catch(() => undefined);
      await eventually(() => ran === 1);
      await stream.close();
      await server.close();
    };

  const kinds: readonly [string, Failing, RegExp, (stream: CodexStream) => Observable<unknown>][] =
    [
      ['a frame that cannot be read', malformed, /not-json/, (stream) => stream.malformed$],
      ['a handler that fails', handler, /"broken" failed/, ({ router }) => router.errors$],
      [
        'a request handler of codex-manager that fails',
        request('manager'),
        /"broken" failed/,
        ({ requests }) => requests.errors$,
      ],
      [
        'a request handler of app-server that fails',
        request('app-server'),
        /"broken" failed/,
        ({ requests }) => requests.errors$,
      ],
    ];
  const listeners: readonly [string, Hear][] = [
    ['nothing', () => undefined],
    ['a gateway', (stream) => void feedLog(stream, memoryLog())],
    ['the inspector', (stream) => void inspectedRoutes(stream, null, lifetime)],
  ];

  test.each(kinds)('%s', async (_, fail, line, of) => {
    for (const [name, listen] of listeners) {
      const { lines, log } = writing();
      await fail(log, listen);
      expect([name, lines.filter((one) => line.test(one)).length]).toEqual([name, 1]);

      const heard = writing();
      const got: unknown[] = [];
      await fail(heard.log, (stream) => {
        listen(stream);
        of(stream).subscribe((one) => got.push(one));
      });
      expect([name, heard.lines.filter((one) => line.test(one))]).toEqual([name, []]);
      expect(got).toHaveLength(1);

      const left = writing();
      await fail(left.log, (stream) => {
        of(stream).subscribe().unsubscribe();
        listen(stream);
      });
      expect([name, left.lines.filter((one) => line.test(one)).length]).toEqual([name, 1]);
    }
  });
});
