import { expect, test } from '@jest/globals';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { wireOf } from '../../lib/gateway/wire.js';
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
    for (const one of entries) {
      for (const isNumbered of [false, true]) request.socket.write(wireOf(one, isNumbered));
    }
    while (texts.length < 4) await once(client, 'message');
    const body = text.slice(0, -1);
    expect(texts).toEqual(
      [text, `${body},"seq":1}`, text, `${body},"requestKey":"${key}","seq":2}`].map(
        (one) => `false ${one}`,
      ),
    );
  },
);
