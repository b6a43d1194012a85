import type { IncomingMessage, ServerResponse } from 'node:http';
import { interval } from 'rxjs';
import { filterOf } from '../manager/stream-protocol.js';
import { sendLog, type Client, type ClientSettings } from './client.js';
import { securityHeaders } from './http.js';
import type { GatewayIdentity } from './identity.js';
import { readyFrame, startOf } from './subscription.js';

/** How often a comment is sent, so that no proxy thinks the connection dead, in ms. */
const heartbeat = 15_000;

/** How long a browser waits until it connects again, in ms. */
const retry = 500;

/** Sends the log as server-sent events, for `fetch` and for `EventSource`. */
export function serveEvents(
  settings: ClientSettings,
  base: string,
  request: IncomingMessage,
  response: ServerResponse,
  identity: GatewayIdentity,
  added: (client: Client) => () => void,
): void {
  const { log } = settings.feed;
  const { url = '', headers } = request;
  const query = new URL(url, 'http://gateway').searchParams;
  const lastId = headers['last-event-id'] as string | undefined;
  // A client that comes back asks with the same url as at first.
  const start = startOf(log, lastId ?? query.get('after') ?? '');
  const filter = filterOf(url);
  response.writeHead(200, {
    ...securityHeaders,
    'content-type': 'text/event-stream',
    'x-accel-buffering': 'no',
  });
  const ready = JSON.stringify(readyFrame(log, base, filter, start, identity));
  const id = (seq: number) => `id: ${log.epoch}:${seq}\n`;
  response.write(`retry: ${retry}\nevent: ready\n${id(start.after)}data: ${ready}\n\n`);

  const comments = interval(heartbeat).subscribe(() => {
    response.write(':\n\n');
  });
  const end = () => {
    stop();
    response.destroy();
  };
  const { stop } = sendLog(settings, {
    identity,
    start,
    filter: () => filter,
    socket: response,
    waiting: () => response.writableLength,
    write(...piece) {
      response.write(settings.wires.messages(...piece));
    },
    end,
    caughtUp(cursor) {
      response.write(`${id(cursor)}event: pong\ndata: {"type":"pong","seq":${cursor}}\n\n`);
    },
  });
  const removed = added({ identity, isNumbered: true, end });
  response.on('close', () => {
    comments.unsubscribe();
    stop();
    removed();
  });
}
