import { describe, expect, test } from '@jest/globals';
import type { FrameFilter, TransportEvents } from 'codex-rx';
import { fakeTransport } from 'codex-rx/testing';

const request = { url: 'ws://fake/', headers: { a: 'b' }, maxFrameBytes: 10 };

function open(ignore?: FrameFilter) {
  const told: string[] = [];
  const events: TransportEvents = {
    opened: () => told.push('opened'),
    text: (text, bytes) => told.push(`${text} ${bytes}`),
    ignored: (bytes) => told.push(`ignored ${bytes}`),
    fault: (fault) => told.push(fault),
    ended: (end) => told.push(JSON.stringify(end)),
  };
  const socket = fakeTransport();
  return { told, socket, link: socket.open(ignore ? { ...request, ignore } : request, events) };
}

describe('fakeTransport', () => {
  test('opens links that a test plays', () => {
    const { told, socket } = open();
    expect(socket.last.request).toBe(request);
    socket.last.accept();
    socket.last.send({ type: 'pong' });
    socket.last.sendText('no json');
    socket.last.end();
    socket.last.end({ kind: 'refused', status: 401 });
    expect(told).toEqual([
      'opened',
      '{"type":"pong"} 15',
      'no json 7',
      '{"kind":"closed","code":1005,"reason":""}',
      '{"kind":"refused","status":401}',
    ]);
  });

  test('tells what the client wants to ignore, and does not deliver it', () => {
    const { told, socket } = open({ length: 1, test: (head) => head.startsWith('n') });
    socket.last.sendText('no json');
    socket.last.sendText('text');
    expect(told).toEqual(['ignored 7', 'text 4']);
  });

  test('shows what the client sent, and how it left', () => {
    const { socket, link } = open();
    expect(socket.last.left).toBeNull();
    link.send('a');
    link.send('b');
    expect(socket.last.sent).toEqual(['a', 'b']);
    link.abandon();
    expect(socket.last.left).toBe('abandoned');
    let closed = 0;
    link.close(() => closed++);
    expect([closed, socket.last.left]).toEqual([1, 'closed']);
  });

  test('keeps every link, and knows the last', () => {
    const { socket, link } = open();
    const first = socket.last;
    socket.open(request, { opened() {}, text() {}, ignored() {}, fault() {}, ended() {} });
    link.send('of the first');
    expect(socket.connections).toHaveLength(2);
    expect(socket.last).not.toBe(first);
    expect(first.sent).toEqual(['of the first']);
    expect(socket.last.sent).toEqual([]);
  });

  test('says so if nothing was opened yet', () => {
    expect(() => fakeTransport().last).toThrow('No websocket was opened yet.');
  });
});
