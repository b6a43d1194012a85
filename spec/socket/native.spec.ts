import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { TransportEvents } from 'codex-rx';
import { marbles } from 'codex-rx/testing';
import { asyncScheduler, timer } from 'rxjs';
import { openWebSocket, platformFetch, sendsHeaders } from '../../lib/socket/native.js';
import { messageOf } from '../../lib/text/index.js';

/** The platform's WebSocket, played by a test. */
class FakeWebSocket {
  static last: FakeWebSocket;
  binaryType = 'blob';
  readyState = 0;
  bufferedAmount = 0;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  readonly calls: string[] = [];

  constructor(
    readonly url: string,
    readonly protocols: readonly string[],
  ) {
    FakeWebSocket.last = this;
  }

  send(text: string): void {
    if (this.readyState === 0) throw new Error('InvalidStateError');
    this.calls.push(`send ${text}`);
  }

  close(code?: number): void {
    this.readyState = 2;
    this.calls.push(code === undefined ? 'close' : `close ${code}`);
  }

  open(): void {
    this.readyState = 1;
    this.onopen?.();
  }
}

const platform = globalThis as { WebSocket?: unknown };
const original = platform.WebSocket;
let told: string[];

const events: TransportEvents = {
  opened: () => told.push('opened'),
  text: (text, bytes) => told.push(`text ${text} ${bytes}`),
  ignored: (bytes) => told.push(`ignored ${bytes}`),
  fault: (fault, bytes, excerpt) => told.push(`${fault} ${bytes} ${excerpt}`),
  ended: (end) =>
    told.push(end.kind === 'failed' ? `failed: ${messageOf(end.error)}` : JSON.stringify(end)),
};

const request = { url: 'ws://fake/', headers: {}, maxFrameBytes: 10 };

function open() {
  const link = openWebSocket(request, events);
  return { link, socket: FakeWebSocket.last };
}

beforeEach(() => {
  told = [];
  platform.WebSocket = FakeWebSocket;
});

afterEach(() => {
  platform.WebSocket = original;
});

describe("the platform's WebSocket", () => {
  test('tells what nobody wants, and does not deliver it', () => {
    const ignore = { length: 1, test: (head: string) => head.startsWith('n') };
    openWebSocket({ ...request, ignore }, events);
    FakeWebSocket.last.onmessage?.({ data: 'no matter how long it is' });
    FakeWebSocket.last.onmessage?.({ data: 'text' });
    expect(told).toEqual(['ignored 24', 'text text 4']);
  });

  test('tells what comes: the opening, text, the end', () => {
    const { socket } = open();
    expect(socket.url).toBe('ws://fake/');
    socket.open();
    socket.onmessage?.({ data: 'hello' });
    socket.onmessage?.({ data: '1234567890' });
    socket.onclose?.({ code: 1001, reason: 'away' });
    expect(told).toEqual([
      'opened',
      'text hello 5',
      'text 1234567890 10',
      '{"kind":"closed","code":1001,"reason":"away"}',
    ]);
    expect([socket.onopen, socket.onmessage, socket.onclose]).toEqual([null, null, null]);
  });

  test('tells of binary and of longer frames, with no more of them than shows how they begin', () => {
    const { socket } = open();
    expect(socket.binaryType).toBe('arraybuffer');
    socket.open();
    socket.onmessage?.({ data: new ArrayBuffer(3) });
    socket.onmessage?.({ data: 'x'.repeat(1_000_000) });
    expect(told.slice(0, 2)).toEqual(['opened', 'binary 3 (binary)']);
    expect(told[2]).toMatch(/^too-large 1000000 x{200,1000}$/);
  });

  test('sends only while it is open', () => {
    const { link, socket } = open();
    link.send('early');
    socket.open();
    link.send('now');
    socket.readyState = 2;
    link.send('late');
    expect(socket.calls).toEqual(['send now']);
  });

  test('gives up a server that reads nothing, and sends what one still takes', async () => {
    const { link, socket } = open();
    socket.open();
    socket.bufferedAmount = 64 * 2 ** 20;
    link.send('the last');
    socket.bufferedAmount += 1;
    link.send('one more');
    expect(socket.calls).toEqual(['send the last', 'close']);
    // Not inside of `send`: who sends must not be told of the end before it goes on.
    expect(told).toEqual(['opened']);
    await Promise.resolve();
    expect(told).toEqual([
      'opened',
      'failed: the server does not read: 67108865 bytes wait to be sent',
    ]);
    expect([socket.onopen, socket.onmessage, socket.onclose]).toEqual([null, null, null]);
  });

  test('offers subprotocols, and none unless they are given', () => {
    expect(open().socket.protocols).toEqual([]);
    openWebSocket({ ...request, protocols: ['a', 'b'] }, events);
    expect(FakeWebSocket.last.protocols).toEqual(['a', 'b']);
  });

  test('says goodbye, and is gone when the peer has said so too', () => {
    const gone: string[] = [];
    marbles(() => {
      const { link, socket } = open();
      socket.open();
      link.close(() => gone.push(`${asyncScheduler.now()}`));
      socket.onmessage?.({ data: 'late' });
      timer(30).subscribe(() => socket.onclose?.({ code: 1000, reason: '' }));
      expect(socket.calls).toEqual(['close 1000']);
    });
    expect(gone[0]).toBe('30');
    expect(told).toEqual(['opened']);
  });

  test('is gone after a second if the peer does not say goodbye', () => {
    const gone: string[] = [];
    marbles(() => {
      const { link, socket } = open();
      link.close(() => gone.push(`${asyncScheduler.now()}`));
      timer(2_000).subscribe(() => socket.onclose?.({ code: 1006, reason: '' }));
    });
    expect(gone[0]).toBe('1000');
  });

  test('tells nothing more after it was abandoned', () => {
    const { link, socket } = open();
    const { onopen, onmessage, onclose } = socket;
    expect(onopen && onmessage && onclose).not.toBeNull();
    link.abandon();
    expect([socket.onopen, socket.onmessage, socket.onclose]).toEqual([null, null, null]);
    expect(socket.calls).toEqual(['close']);
    expect(told).toEqual([]);
  });

  test('cannot send headers', () => {
    expect(sendsHeaders).toBe(false);
  });

  test('may be missing, as in Node 20, and the message says what to do', () => {
    delete platform.WebSocket;
    expect(() => openWebSocket(request, events)).toThrow(/no WebSocket.* "transport"/);
  });
});

describe("the platform's fetch", () => {
  const page = globalThis as { location?: { origin: string }; fetch?: unknown };
  const { fetch } = page;
  const request = { headers: {}, signal: new AbortController().signal };

  afterEach(() => {
    delete page.location;
    page.fetch = fetch;
  });

  test.each([
    ['http://here:1', 'http://here:1/api/health'],
    ['http://there', undefined],
    [undefined, 'http://here:1/api/health'],
  ])('of a page at %s asks its own origin alone', async (origin, expected) => {
    const asked: unknown[] = [];
    page.fetch = (url: string) => {
      asked.push(url);
      return Promise.reject(new Error('no network'));
    };
    if (origin !== undefined) page.location = { origin };
    const answer = platformFetch()?.('http://here:1/api/health', request);
    await expect(Promise.resolve(answer)).rejects.toThrow(
      expected === undefined ? 'another origin' : 'no network',
    );
    expect(asked).toEqual(expected === undefined ? [] : [expected]);
  });

  test('may be missing, in a page too', () => {
    delete page.fetch;
    expect(platformFetch()).toBeUndefined();
    page.location = { origin: 'http://here:1' };
    expect(platformFetch()).toBeUndefined();
  });
});
