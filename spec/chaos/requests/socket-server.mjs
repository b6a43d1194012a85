// What both servers stand on: HTTP and websockets, whose frames can be held back, and which can go
// away for a while. What the clients have in common with the storm is in their lanes.

import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';

/**
 * @param answer Answers an HTTP request.
 * @param accept Serves a new socket.
 */
export async function startSocketServer({ answer, accept }) {
  const lanes = new Map();
  const sockets = new Set();
  let isAway = false;

  const http = createServer(answer);
  http.on('connection', (socket) => {
    if (isAway) socket.destroy();
  });
  const websockets = new WebSocketServer({ server: http });
  await new Promise((resolve) => http.listen(0, '127.0.0.1', resolve));

  const lane = (client) => {
    if (!lanes.has(client)) lanes.set(client, createLane());
    return lanes.get(client);
  };

  websockets.on('connection', (websocket, request) => {
    const client = clientOf(request);
    const socket = createSocket(websocket, client, lane(client));
    sockets.add(socket);
    websocket.on('error', () => undefined);
    websocket.on('close', () => sockets.delete(socket));
    websocket.on('message', (data) => socket.received(data.toString()));
    accept(socket, request);
  });

  return {
    url: `http://127.0.0.1:${http.address().port}`,
    lane,
    get sockets() {
      return [...sockets];
    },
    get isAway() {
      return isAway;
    },
    /** Ends every connection, and takes none until it is back. */
    leave(goodbye = (socket) => socket.terminate()) {
      isAway = true;
      sockets.forEach(goodbye);
      http.closeAllConnections();
    },
    /** Ends what was asked by HTTP, and is not answered yet. */
    hangUp: () => http.closeAllConnections(),
    comeBack() {
      isAway = false;
    },
    close() {
      for (const socket of sockets) socket.terminate();
      return new Promise((resolve) => {
        http.close(resolve);
        http.closeAllConnections();
      });
    },
  };
}

/** Clients say who they are. */
export const clientOf = ({ headers }) => headers['x-client'];

function createSocket(websocket, client, lane) {
  const sendNow = (frame) => websocket.send(JSON.stringify(frame));
  return {
    client,
    lane,
    /** Whether it gets what there is to tell. */
    isReady: false,
    received: () => undefined,
    /** Past what is held back. */
    sendNow,
    send: (frame) => lane.pass(() => sendNow(frame)),
    close: (code, reason) => websocket.close(code, reason),
    terminate: () => websocket.terminate(),
  };
}

/** How the server treats the sockets of a client: see traffic.mjs. */
function createLane() {
  const held = [];
  let quiet = false;
  return {
    greets: true,
    pongs: true,
    newest: null,
    get quiet() {
      return quiet;
    },
    /** What there is to send meanwhile is sent later, in its order. */
    set quiet(isQuiet) {
      quiet = isQuiet;
      if (!quiet) for (const send of held.splice(0)) send();
    },
    pass(send) {
      if (quiet) held.push(send);
      else send();
    },
  };
}
