import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

/** An MCP server that asks back, over HTTP on a free port of 127.0.0.1. */
export interface McpServer {
  /** What codex calls the `url` of an MCP server. */
  readonly url: string;
  /** What its questions were answered, in the order of their answers. */
  readonly answers: readonly unknown[];
  /** The tools that were called, in this order. */
  readonly calls: readonly string[];
  close(): Promise<void>;
}

interface Message {
  readonly id?: number | string;
  readonly method?: string;
  readonly params?: { readonly name?: string; readonly protocolVersion?: string };
  readonly result?: unknown;
}

/** What the tools ask before they return. `change` asks nothing: codex itself asks for approval. */
const questions: Readonly<Record<string, object | null>> = {
  ask_name: {
    message: 'Your name?',
    requestedSchema: {
      type: 'object',
      properties: { name: { type: 'string' } },
      required: ['name'],
    },
  },
  visit: { mode: 'url', elicitationId: 'visit', message: 'Log in.', url: 'https://example.test/' },
  change: null,
};

const tools = Object.entries(questions).map(([name, question]) => ({
  name,
  description: name,
  inputSchema: { type: 'object', properties: {} },
  annotations: { readOnlyHint: question !== null, destructiveHint: question === null },
}));

export async function startMcpServer(): Promise<McpServer> {
  const answers: unknown[] = [];
  const calls: string[] = [];
  const waiting = new Map<Message['id'], (answer: unknown) => void>();
  let asked = 0;

  async function call(name: string, id: Message['id'], http: ServerResponse): Promise<void> {
    calls.push(name);
    http.writeHead(200, { 'content-type': 'text/event-stream' });
    const send = (message: object) =>
      http.write(`data: ${JSON.stringify({ jsonrpc: '2.0', ...message })}\n\n`);
    const params = questions[name];
    if (params) {
      const questionId = `question ${++asked}`;
      const answered = new Promise((resolve) => waiting.set(questionId, resolve));
      send({ id: questionId, method: 'elicitation/create', params });
      answers.push(await answered);
    }
    send({ id, result: { content: [{ type: 'text', text: `${name} is done` }] } });
    http.end();
  }

  async function handle(incoming: IncomingMessage, http: ServerResponse): Promise<void> {
    if (incoming.method !== 'POST') {
      http.writeHead(405).end();
      return;
    }
    const { id, method, params, result } = (await json(incoming)) as Message;
    const reply = (result: object) =>
      http
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ jsonrpc: '2.0', id, result }));
    if (method === undefined || id === undefined) {
      waiting.get(id)?.(result);
      http.writeHead(202).end();
    } else if (method === 'initialize') {
      const serverInfo = { name: 'scripted', version: '0' };
      const { protocolVersion } = params ?? {};
      reply({ protocolVersion, capabilities: { tools: {} }, serverInfo });
    } else if (method === 'tools/call') await call(params?.name ?? '', id, http);
    else reply({ tools });
  }

  const server = createServer((incoming, http) => {
    handle(incoming, http).catch(() => http.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    answers,
    calls,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
