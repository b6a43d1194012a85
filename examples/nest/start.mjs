// `npm run nest`: the application, with an agent that is built in. A turn runs every two seconds.

import { join } from 'node:path';
import { env, execPath, exit } from 'node:process';
import { install, installLibrary, run } from '../../.ci/install.mjs';

const home = import.meta.dirname;
await install(home);
await installLibrary([home]);
await run(execPath, [join(home, 'node_modules/typescript/bin/tsc'), '-p', home], home);

const { startAgent } = await import('./agent.mjs');
const { startApp } = await import('./app-process.mjs');
const { agent, ask } = await startAgent();
const app = await startApp(home, { CODEX_URL: agent.url, PORT: env['PORT'] ?? '0' });
console.log(`The turns are at ${app.url}\nCtrl+C ends it.`);

const commands = ['npm test', 'rm -rf build'];
let turns = 0;
const timer = setInterval(() => void ask(commands[turns++ % commands.length]), 2_000);
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, async () => {
    clearInterval(timer);
    app.child.kill('SIGTERM');
    await app.exited;
    await agent.close();
    exit(0);
  });
}
