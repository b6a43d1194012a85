import { describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { createWires } from '../../lib/gateway/wire.js';
import { closeLater } from './stage.js';

// At the bounds of the three lengths that a frame may begin with.
test.each([2, 100, 125, 126, 127, 65_535, 65_536, 70_000])(
  'a frame of about %i bytes is what any client of websockets reads',
  async (length) => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
    closeLater(() => server.close());
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const raw = once(server, 'connection');
    const client = new WebSocket(`ws://127.0.0.1:${port}`);
    closeLater(() => client.terminate());
    const [, request] = (await raw) as [WebSocket, { socket: Socket }];
    const texts: string[] = [];
    client.on('message', (data: Buffer, isBinary) => texts.push(`${isBinary} ${data.toString()}`));
    const text = `{${'x'.repeat(Math.max(0, length - 3))}ü}`;
    const entry = { type: 'x', threadId: null, at: 0, frame: Buffer.from(text) };
    const key = 'NIfjBr9AvLa5U4XNE3qici';
    const entries = [
      { ...entry, requestKey: null, seq: 1 },
      { ...entry, requestKey: key, seq: 2 },
    ];
    const wires = createWires('epoch');
    for (const form of ['plain', 'numbered'] as const) request.socket.write(wires[form](entries));
    while (texts.length < 4) await once(client, 'message');
    const body = text.slice(0, -1);
    expect(texts).toEqual(
      [text, text, `${body},"seq":1}`, `${body},"requestKey":"${key}","seq":2}`].map(
        (one) => `false ${one}`,
      ),
    );
  },
);

describe('what clients read', () => {
  const entryOf = (seq: number) => {
    const frame = Buffer.from(`{"n":${seq}}`);
    return { type: 'x', threadId: null, requestKey: null, at: 0, frame, seq };
  };

  test.each(['plain', 'numbered', 'messages'] as const)('is made once for all, %s', (form) => {
    const wire = createWires('epoch')[form];
    const entries = [1, 2, 3].map(entryOf);
    expect(wire([...entries])).toBe(wire(entries));
    expect(wire(entries.slice(1))).not.toBe(wire(entries));
  });

  test('is made once for all who filter to the same thread', () => {
    const { numbered } = createWires('epoch');
    const entries = [1, 3].map(entryOf);
    expect(numbered(entries, 't')).toBe(numbered([...entries], 't'));
    // A plain client gets what a gateway says of its source left out.
    expect(numbered(entries, null)).not.toBe(numbered(entries, 't'));
  });

  test('is not taken for what another filter has left in', () => {
    const { numbered } = createWires('epoch');
    const [one, two, three, four] = [1, 2, 3, 4].map(entryOf) as [never, never, never, never];
    const both = [numbered([one, two, four]), numbered([one, three, four])];
    expect(both.map((piece) => piece.toString('latin1').match(/"n":\d/g))).toEqual([
      ['"n":1', '"n":2', '"n":4'],
      ['"n":1', '"n":3', '"n":4'],
    ]);
  });
});
