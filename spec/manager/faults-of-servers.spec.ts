import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { forThread, managerDuplicates, ofAppServer, ofPrefix, ofType, toolResult } from 'codex-rx';
import { readRecording } from 'codex-rx/recording';
import { readFileSync } from 'node:fs';
import { firstValueFrom, NEVER } from 'rxjs';
import { WebSocketServer, type AddressInfo, type WebSocket } from 'ws';
import { connect, next, pendingIs, short, startManager } from '../requests/stage-manager.js';
import { until } from '../support/until.js';

const call = 'item/tool/call';

const servers: WebSocketServer[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** A server that shows what waits to be read: as bytes, in its own buffer. */
async function startSlowServer(): Promise<{ url: string; clients: readonly WebSocket[] }> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  servers.push(server);
  const clients: WebSocket[] = [];
  server.on('connection', (socket) => {
    clients.push(socket);
    socket.send('{"type":"ready","threadId":null}');
  });
  await new Promise((resolve) => server.once('listening', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, clients };
}

describe('what other clients do not know about the server', () => {
  test('it sends each piece of text in six frames: one is read, and the text is whole', async () => {
    const server = await startManager();
    const stream = await connect(server, { ignore: managerDuplicates });
    const types: string[] = [];
    let text = '';
    let whole = '';
    stream.events$.subscribe(({ type }) => types.push(type));
    stream.on(ofAppServer('item/agentMessage/delta'), ({ payload }) => {
      text += payload.params.delta;
    });
    stream.on(ofAppServer('item/completed'), ({ payload: { params } }) => {
      if (params.item.type === 'agentMessage') whole = params.item.text;
    });
    const ended = next(stream.events$, ofAppServer('turn/completed').test);
    const file = new URL('../recordings/codex-manager/01-plain-turn.jsonl', import.meta.url);
    const recording = readRecording(readFileSync(file, 'utf8'));
    await server.play(recording.entries);
    await ended;
    const isOfText = /agent_message(_content)?[._]delta|agentMessage\/delta/;
    const sent = recording.entries.filter(
      ({ dir, frame }) => dir === 'in' && isOfText.test(JSON.stringify(frame).slice(0, 300)),
    );
    const pieces = types.filter((type) => isOfText.test(type));
    expect(sent).toHaveLength(6 * pieces.length);
    expect(pieces).toHaveLength(6);
    expect(text).toBe('Hello from the mock model, twice.');
    expect(whole).toBe(text);
  });

  test('it buffers without bound for who reads slowly: a stuck handler leaves nothing there', async () => {
    const { url, clients } = await startSlowServer();
    const stream = await connect({ url });
    const overflow = jest.fn();
    stream.router.errors$.subscribe(overflow);
    const stuck = stream.on(ofType('big'), () => NEVER, { bound: 10 });
    const frame = JSON.stringify({ type: 'big', payload: 'x'.repeat(100_000) });
    // Far more than what lies between two processes.
    for (let i = 0; i < 300; i++) clients[0]!.send(frame);
    expect(clients[0]!.bufferedAmount).toBeGreaterThan(10_000_000);
    await until(() => clients[0]!.bufferedAmount === 0);
    await until(() => stream.metrics().received === 301);
    expect(stuck.stats).toMatchObject({ running: 1, waiting: 10, dropped: 289 });
    expect(overflow).toHaveBeenCalled();
  });

  test('it answers 500 for a session that it does not know: what is open there is not taken for gone', async () => {
    const server = await startManager();
    const stream = await connect(server, {
      fetch: async (url, request) =>
        url.includes('/api/sessions/unknown/')
          ? { status: 500, json: async () => ({ status: 'error', code: 'internal_error' }) }
          : fetch(url, request),
    });
    server.ask(call, 0, { threadId: 'unknown' });
    server.ask(call, 1);
    await pendingIs(stream, 0, 1);
    const gap = next(stream.gaps$);
    for (const socket of server.sockets) socket.terminate();
    server.pending.delete('1');
    server.ask(call, 2);
    const { complete, error, recovered } = await firstValueFrom((await gap).recovery$);
    expect(complete).toBe(false);
    expect(error?.message).toMatch(/^GET \/api\/sessions\/unknown\/[a-z-]+: HTTP status 500\.$/);
    expect(recovered.map(({ requestId }) => requestId)).toEqual(['2']);
    await pendingIs(stream, 0, 2);
  });

  test.each<[string, unknown]>([
    ['text', 'garbage'],
    ['a raw response', { response: 'garbage' }],
    ['nothing in it', {}],
    ['no content', { success: true }],
    ['an item of no type', { success: true, contentItems: [{ text: 'x' }] }],
    ['an item of another type', { success: true, contentItems: [{ type: 'text', text: 'x' }] }],
  ])(
    'it says success to a tool answer that the model cannot read: one with %s is not sent',
    async (_, answer) => {
      const server = await startManager();
      const stream = await connect(server);
      const failed = next(stream.requests.errors$);
      stream.requests.serve(call, () => answer as never);
      server.ask(call, 0);
      expect((await failed).cause).toMatchObject({ name: 'AnswerError', kind: 'unfit' });
      expect(server.posts).toEqual([]);
      await pendingIs(stream, 0);
    },
  );

  test('it tells no event that its codex died: health does, and what could not be answered expires', async () => {
    let running = true;
    const server = await startManager(() => 500);
    const stream = await connect(server, {
      health: { interval: 5 },
      fetch: async (url, request) =>
        url.endsWith('/api/health')
          ? { status: 200, json: async () => ({ codex: { running } }) }
          : fetch(url, request),
    });
    const failed = next(stream.requests.errors$);
    const end = next(stream.requests.settled$);
    stream.requests.serve(call, () => toolResult('x'));
    running = false;
    server.ask(call, 0);
    expect((await failed).cause).toMatchObject({ kind: 'unreachable', status: 500 });
    await next(stream.status$, (status) => status.state === 'open' && status.upstream === 'down');
    await pendingIs(stream, 0);
    server.settle(0, 'expired', { success: false });
    expect(short(await end)).toBe('0 expired expired');
    expect(server.sockets).toHaveLength(1);
  });

  test('it leaks the birth of its own sessions: they reach nobody who asks for a thread, and hinder no resync', async () => {
    const server = await startManager();
    const asked: string[] = [];
    const stream = await connect(server, {
      async fetch(url, request) {
        if (url.includes('/api/sessions?')) {
          const data = [{ sessionId: 'system' }, { sessionId: 't' }];
          return { status: 200, json: async () => ({ data }) };
        }
        if (!url.includes('/api/sessions/system/')) return fetch(url, request);
        asked.push(url);
        return { status: 403, json: async () => ({ status: 'error', code: 'system_session' }) };
      },
    });
    const seen: string[] = [];
    stream.on(forThread('t'), ofPrefix(''), ({ type }) => {
      seen.push(type);
    });
    await pendingIs(stream);
    for (const type of [
      'thread.status.changed',
      'thread.started',
      'codex.event.raw_response_item',
    ]) {
      server.send({ type: `app_server.${type}`, threadId: 'system' });
    }
    server.ask(call, 0);
    await pendingIs(stream, 0);
    const gap = next(stream.gaps$);
    for (const socket of server.sockets) socket.terminate();
    const recovery = await firstValueFrom((await gap).recovery$);
    expect(new Set(asked).size).toBe(3);
    expect(recovery).toMatchObject({ complete: true, error: null });
    expect(recovery.recovered.map(({ threadId }) => threadId)).toEqual(['t']);
    expect(seen).toEqual(['app_server.request.item.tool.call', 'tool_call_requested']);
    await pendingIs(stream, 0);
  });
});
