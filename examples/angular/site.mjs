// Serves a built page on 127.0.0.1 under a strict Content-Security-Policy, and forwards /api to the server behind it, so
// that all is of one origin.

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, request as ask } from 'node:http';
import { connect } from 'node:net';
import { extname, join, normalize } from 'node:path';

const types = { '.js': 'text/javascript', '.css': 'text/css', '.html': 'text/html' };

const policy = (nonce) =>
  `default-src 'none'; script-src 'self'; style-src 'self' 'nonce-${nonce}'; img-src 'self' data:; ` +
  "connect-src 'self'; base-uri 'self'; form-action 'none'; frame-ancestors 'none'";

/**
 * @param browser The folder with what the builder has made for the browser.
 * @param backend The url that /api is forwarded to.
 * @param render Renders a page on the server; default: its index.html.
 */
export async function startSite({ browser, backend, render, port = 0 }) {
  const { hostname, port: backendPort } = new URL(backend);
  const site = createServer(async (request, response) => {
    if (request.url.startsWith('/api/')) return forward(request, response);
    const path = normalize(new URL(request.url, 'http://127.0.0.1').pathname);
    const file =
      extname(path) === '' ? null : await readFile(join(browser, path)).catch(() => null);
    if (file) return response.setHeader('content-type', types[extname(path)] ?? '').end(file);
    const page = render
      ? await render(request).then((rendered) => rendered?.text())
      : await readFile(join(browser, 'index.html'), 'utf8');
    if (!page) return response.writeHead(404).end();
    const nonce = randomBytes(16).toString('base64');
    response.writeHead(200, {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': policy(nonce),
    });
    response.end(page.replaceAll('%nonce%', nonce));
  });

  function forward(request, response) {
    const { method, url, headers } = request;
    const options = { hostname, port: backendPort, method, path: url, headers };
    const forwarded = ask(options, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    forwarded.on('error', () => response.writeHead(502).end());
    request.pipe(forwarded);
  }

  const sockets = new Set();
  site.on('upgrade', (request, socket, head) => {
    const server = connect(Number(backendPort), hostname, () => {
      const lines = [`${request.method} ${request.url} HTTP/1.1`];
      for (let i = 0; i < request.rawHeaders.length; i += 2) {
        lines.push(`${request.rawHeaders[i]}: ${request.rawHeaders[i + 1]}`);
      }
      server.write(`${lines.join('\r\n')}\r\n\r\n`);
      server.write(head);
      server.pipe(socket).pipe(server);
    });
    sockets.add(socket);
    for (const [one, other] of [
      [socket, server],
      [server, socket],
    ]) {
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
    }
    socket.on('close', () => sockets.delete(socket));
  });

  site.listen(port, '127.0.0.1');
  await once(site, 'listening');
  return {
    url: `http://127.0.0.1:${site.address().port}/`,
    /** Cuts every websocket. */
    cut() {
      for (const socket of sockets) socket.destroy();
    },
    close() {
      for (const socket of sockets) socket.destroy();
      site.closeAllConnections();
      site.close();
    },
  };
}
