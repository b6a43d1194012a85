// Runs a built application: `node check.mjs` in this folder, or in nest-11. It has to answer approvals by its policy, to
// send summaries to a page, and to end in order: SIGTERM comes while a handler runs and a response is open.

import assert from 'node:assert/strict';
import { argv } from 'node:process';
import { startAgent } from './agent.mjs';
import { startApp } from './app-process.mjs';

const home = argv[2] ?? import.meta.dirname;
const { agent, ask } = await startAgent();
const app = await startApp(home, { CODEX_URL: agent.url, SLOWLY: '1500' });
try {
  const health = async () => (await (await fetch(`${app.url}/health`)).json()).codex;
  while ((await health()).status !== 'up') await new Promise((resolve) => setTimeout(resolve, 10));
  assert.match(await (await fetch(app.url)).text(), /EventSource/);

  const response = await fetch(`${app.url}/summaries`);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  const read = async (pattern) => {
    while (!pattern.test(text)) {
      const { value, done } = await reader.read();
      if (done) return false;
      text += value;
    }
    return true;
  };

  await ask('npm test');
  assert.ok(await read(/"I ran \\"npm test\\": accept\."/), text);
  await ask('rm -rf build');
  assert.ok(await read(/"I ran \\"rm -rf build\\": decline\."/), text);

  await ask('npm test');
  const count = (text) => app.lines.filter((line) => line.startsWith(text)).length;
  while (count('summarizing') < 3) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.equal(count('summary of'), 2);
  app.child.kill('SIGTERM');
  const [code, signal] = await app.exited;
  assert.equal(count('summary of'), 3, 'The handler that ran was not finished.');
  assert.equal(await read(/no such text/), false, 'The response was not ended.');
  assert.equal(code ?? signal, 'SIGTERM');
  console.log(`ok      approvals, summaries and SIGTERM in ${home}`);
} finally {
  app.child.kill('SIGKILL');
  await agent.close();
}
