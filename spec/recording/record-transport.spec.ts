import { describe, expect, jest, test } from '@jest/globals';
import {
  connectManager,
  type TransportEnd,
  type TransportEvents,
  type OpenTransport,
} from 'codex-rx';
import {
  readRecording,
  recordTransport,
  redact,
  type RecordTransportOptions,
} from 'codex-rx/recording';
import { fakeTransport } from 'codex-rx/testing';

const told = () => {
  const calls: unknown[][] = [];
  const tell =
    (name: string) =>
    (...args: unknown[]) => {
      calls.push([name, ...args]);
    };
  const events: TransportEvents = {
    opened: tell('opened'),
    text: tell('text'),
    ignored: tell('ignored'),
    fault: tell('fault'),
    ended: tell('ended'),
  };
  return { calls, events };
};

/** A link that is recorded, and its transport. */
function linked(url = 'ws://h/api/stream', options?: RecordTransportOptions) {
  const sink: string[] = [];
  let wire: TransportEvents | null = null;
  const sent: string[] = [];
  const open: OpenTransport = (_request, events) => {
    wire = events;
    return {
      send: (text) => sent.push(`send ${text}`),
      close: (closed) => {
        sent.push('close');
        closed();
      },
      abandon: () => sent.push('abandon'),
    };
  };
  const recording = recordTransport(open, sink, options);
  const { calls, events } = told();
  const connect = () =>
    recording({ url, headers: { cookie: 'secret' }, maxFrameBytes: 10 }, events);
  const link = connect();
  const read = () => readRecording(sink.join(''));
  const entries = () => read().entries.map((entry) => ({ ...entry, t: 0 }));
  return { sink, sent, recording, calls, link, connect, read, entries, wire: () => wire! };
}

const at = (dir: string, more = {}, sock = '1') => ({ t: 0, sock, dir, ...more });

describe('recordTransport', () => {
  test('writes what comes in and what goes out, and passes it on as it is', () => {
    const { calls, link, sent, wire, entries } = linked('ws://h/api/stream?threadId=t');
    wire().opened();
    link.send('{"type":"ping"}');
    wire().text('{"type":"pong"}', 15, 5);
    wire().text('no JSON', 7);
    wire().text('{"a":\r\n 1}', 10);
    wire().ignored(3, 4);
    wire().fault('binary', 9, 'excerpt');
    wire().ended({ kind: 'closed', code: 1001, reason: 'bye' });
    expect(sent).toEqual(['send {"type":"ping"}']);
    expect(calls).toEqual([
      ['opened'],
      ['text', '{"type":"pong"}', 15, 5],
      ['text', 'no JSON', 7, undefined],
      ['text', '{"a":\r\n 1}', 10, undefined],
      ['ignored', 3, 4],
      ['fault', 'binary', 9, 'excerpt'],
      ['ended', { kind: 'closed', code: 1001, reason: 'bye' }],
    ]);
    expect(entries()).toEqual([
      at('open', { url: 'ws://h/api/stream' }),
      at('out', { frame: { type: 'ping' } }),
      at('in', { frame: { type: 'pong' } }),
      at('in', { text: 'no JSON' }),
      at('in', { frame: { a: 1 } }),
      at('note', {
        note: 'A frame that came in was not delivered: binary, 9 bytes.',
        fault: 'binary',
        bytes: 9,
      }),
      at('close', { code: 1001, reason: 'bye' }),
    ]);
  });

  test('keeps a frame as it came: long integers, white space, the order of members', () => {
    const { wire, sink } = linked();
    wire().opened();
    wire().text('{"b":9007199254740993, "a":1.50}', 30);
    expect(sink.at(-1)).toMatch(/,"dir":"in","frame":\{"b":9007199254740993, "a":1\.50\}\}\n$/);
  });

  test.each<[TransportEnd, object]>([
    [{ kind: 'refused', status: 401 }, { status: 401 }],
    [{ kind: 'failed', error: new Error('ECONNREFUSED') }, { error: 'ECONNREFUSED' }],
    [{ kind: 'failed', error: 'text', permanent: true }, { error: 'text' }],
    [{ kind: 'failed', error: undefined }, { error: 'undefined' }],
    [
      { kind: 'exited', code: 1, signal: null, stderr: 'why' },
      { code: 1, signal: null, stderr: 'why' },
    ],
  ])('writes how a connection came to its end: %j', (end, written) => {
    const { wire, entries, calls } = linked();
    wire().ended(end);
    expect(entries()).toEqual([at('close', written)]);
    expect(calls).toEqual([['ended', end]]);
  });

  test('writes that the client left, once, and nothing that was not sent', () => {
    const { link, sent, entries, connect, wire } = linked();
    const closed = jest.fn();
    link.send('too early');
    link.close(closed);
    link.abandon();
    link.send('too late');
    connect().abandon();
    connect();
    wire().ended({ kind: 'closed', code: 1006, reason: '' });
    expect(closed).toHaveBeenCalledTimes(1);
    expect(sent).toEqual(['send too early', 'close', 'abandon', 'send too late', 'abandon']);
    expect(entries()).toEqual([
      at('close', { by: 'client' }),
      at('close', { by: 'client' }, '2'),
      at('close', { code: 1006, reason: '' }, '3'),
    ]);
  });

  test.each([
    ['ws://h/api/stream', 'codex-manager'],
    ['wss://u:p@h/x/api/stream?token=secret#x', 'codex-manager'],
    ['ws://127.0.0.1:4500', 'app-server'],
    ['ws://127.0.0.1:4500/?x=/api/stream', 'app-server'],
    ['ws+unix:/tmp/x.sock:/', 'app-server'],
    ['', 'app-server'],
  ])('knows the protocol by the url, and writes no secret of it: %s', (url, protocol) => {
    const { wire, read, sink } = linked(url);
    wire().opened();
    expect(read().header.protocol).toBe(protocol);
    expect(sink.join('')).not.toMatch(/secret|u:p/);
    expect(linked(url, { protocol: 'app-server' }).read().header.protocol).toBe('app-server');
  });

  test('cuts secrets out of all of it', async () => {
    const { wire, link, recording, sink } = linked('ws://h/home/ada/api/stream', {
      redact: redact(),
    });
    wire().opened();
    link.send('{"password":"hunter2"}');
    wire().text('/home/ada', 9);
    wire().ended({ kind: 'exited', code: 1, signal: null, stderr: 'FOO_TOKEN=abc' });
    await recording.close();
    expect(sink.join('')).not.toMatch(/ada|hunter2|abc/);
    expect(recording.stats()).toMatchObject({
      redacted: [
        { rule: 'user', count: 2 },
        { rule: 'secret', count: 2 },
      ],
      ended: 'closed',
    });
  });

  test('is the socket of a stream, over its reconnections', async () => {
    const sink: string[] = [];
    const fake = fakeTransport();
    const recording = recordTransport(fake.open, sink);
    const stream = connectManager({
      url: 'ws://fake',
      transport: recording,
      reconnect: { base: 0 },
      heartbeat: false,
    });
    const connected = stream.connect();
    fake.last.accept();
    fake.last.send({ type: 'ready', threadId: null });
    await connected;
    fake.last.end();
    while (fake.connections.length < 2) await new Promise((resolve) => setTimeout(resolve, 1));
    fake.last.accept();
    await stream.close();
    await recording.close();
    const { entries } = readRecording(sink.join(''));
    expect(entries.map(({ sock, dir }) => `${sock} ${dir}`)).toEqual([
      '1 open',
      '1 in',
      '1 close',
      '2 open',
      '2 close',
    ]);
  });

  test('leaves the connection alone when its sink fails', () => {
    const failed = jest.fn();
    const fake = fakeTransport();
    const sink = {
      write() {
        throw new Error('no');
      },
    };
    const recording = recordTransport(fake.open, sink, { failed });
    const { calls, events } = told();
    const link = recording({ url: 'ws://h', headers: {}, maxFrameBytes: 1 }, events);
    fake.last.accept();
    fake.last.sendText('x');
    link.send('y');
    fake.last.end();
    expect(calls.map(([name]) => name)).toEqual(['opened', 'text', 'ended']);
    expect(fake.last.sent).toEqual(['y']);
    expect(failed).toHaveBeenCalledTimes(1);
    expect(recording.stats()).toMatchObject({ lines: 0, missing: 4 });
  });
});
