// `npm run angular`: the chat, with an agent that is built in.

import { join } from 'node:path';
import { env, exit } from 'node:process';
import { build, prepare } from './prepare.mjs';

await prepare();
await build('chat');

const { startAgent } = await import('./agent.mjs');
const { startSite } = await import('./site.mjs');
const dist = join(import.meta.dirname, 'dist/chat');
const { render } = await import(join(dist, 'server/server.mjs'));

const agent = await startAgent();
const site = await startSite({
  browser: join(dist, 'browser'),
  backend: agent.url,
  render,
  port: Number(env['PORT'] ?? 0),
});
console.log(`The chat is at ${site.url}\nCtrl+C ends it.`);

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, async () => {
    site.close();
    await agent.close();
    exit(0);
  });
}
