import { expect, test } from '@jest/globals';
import { feedLog, memoryLog, serveGateway } from 'codex-rx/gateway';
import { build } from 'esbuild';
import { mkdirSync, readFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { codexSpecs } from '../support/codex-stream.js';
import { startMcpServer } from '../support/mcp-server.js';
import {
  askInDefaultMode,
  callTool,
  execCommand,
  requestUserInput,
  text,
  weather,
} from '../support/scripted-model.js';

const { start, closing } = codexSpecs();

const root = join(import.meta.dirname, '../..');

const script = `
import {
  accept, answerElicitation, answerQuestions, connectManager, grantPermissions, ofAppServer, toolResult,
} from './lib/index.ts';

const { token, threadId } = Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
const stream = connectManager({ url: location.origin + '/codex', token, health: false });
const asked = [];
const serve = (method, answer) =>
  stream.requests.serve(method, (request) => {
    asked.push(request.kind);
    return answer(request);
  });
serve('item/tool/call', () => toolResult('sunny'));
serve('item/commandExecution/requestApproval', (request) => accept(request));
serve('item/tool/requestUserInput', (request) => answerQuestions(request, { color: 'Blue' }));
serve('item/permissions/requestApproval', (request) => grantPermissions(request, request.permissions));
serve('mcpServer/elicitation/request', (request) => answerElicitation(request, { name: 'Ada' }));
stream.on(ofAppServer('turn/completed'), async ({ payload }) => {
  globalThis.seen = { asked, status: payload.params.turn.status, stats: stream.requests.stats() };
});
await stream.connect();
await stream.rest('/api/sessions/' + threadId + '/messages', { text: 'all' });
`;

/** The page, on a server that its gateway is on too. */
async function startSite() {
  const { outputFiles } = await build({
    stdin: { contents: script, resolveDir: root, loader: 'ts' },
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    alias: { '#websocket': './lib/socket/native.ts' },
    tsconfigRaw: {},
    write: false,
  });
  const server = createServer(({ url }, response) => {
    const isScript = url === '/page.js';
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
    response.end(
      isScript ? outputFiles[0]?.text : '<script type="module" src="/page.js"></script>',
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing({
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  });
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` };
}

const question = {
  id: 'color',
  header: 'Color',
  question: 'Which color?',
  options: ['Blue', 'Red'].map((label) => ({ label, description: label })),
};

test('a page in Chromium answers all that the real codex asks through a gateway, each once', async () => {
  const mcp = closing(await startMcpServer());
  const codex = await start('stdio', { config: askInDefaultMode });
  const source = codex.stream();
  const { server, url } = await startSite();
  const feed = feedLog(source, memoryLog());
  const gateway = await serveGateway(feed, { server, base: '/codex' });
  closing({
    async close() {
      feed.close();
      await gateway.close();
    },
  });
  await source.connect();
  mkdirSync(join(codex.cwd, 'a'));
  codex.model.script('all', [
    callTool('get_weather', { city: 'Rome' }),
    execCommand('echo ran >> ran', 'because'),
    requestUserInput(question),
    callTool('request_permissions', {
      reason: 'because',
      permissions: { file_system: { write: ['a'] } },
    }),
    callTool('ask_name', {}, 'mcp__scripted'),
    text('Done.'),
  ]);
  const { thread } = await source.call('thread/start', {
    cwd: codex.cwd,
    // A model of which codex knows nothing has the tools of the server at hand.
    model: 'unknown',
    approvalPolicy: 'on-request',
    dynamicTools: [weather],
    config: {
      ...askInDefaultMode,
      'features.request_permissions_tool': true,
      'mcp_servers.scripted.url': mcp.url,
    },
  });

  const browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox'],
  });
  closing(browser);
  const page = await browser.newPage();
  const problems: string[] = [];
  page.on('pageerror', ({ message }) => problems.push(message));
  const { token } = gateway;
  const fragment = new URLSearchParams({ token, threadId: thread.id }).toString();
  await page.goto(`${url}#${fragment}`);
  const seen = await page.waitForFunction('globalThis.seen', null, { timeout: 100_000 });

  expect(problems).toEqual([]);
  expect(await seen.jsonValue()).toMatchObject({
    status: 'completed',
    asked: ['dynamicToolCall', 'commandExecution', 'userInput', 'permissions', 'elicitation'],
    stats: { opened: 5, answered: 5, late: 0 },
  });
  expect(mcp.answers).toEqual([{ action: 'accept', content: { name: 'Ada' } }]);
  expect(readFileSync(join(codex.cwd, 'ran'), 'utf8')).toBe('ran\n');
});
