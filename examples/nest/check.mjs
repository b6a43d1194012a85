// Runs a built application: `node check.mjs` in this folder, or in nest-11. It has to answer approvals by its policy, to
// send summaries to a page, and to end in order: SIGTERM comes while a handler runs and a response is open.

import assert from 'node:assert/strict';
import { argv } from 'node:process';
import { startAgent } from './agent.mjs';
import { startApp } from './app-process.mjs';

// What does not come fails too.
setTimeout(() => {
  app.child.kill('SIGKILL');
  throw new Error('Not within 60 s.');
}, 60_000).unref();

const home = argv[2] ?? import.meta.dirname;
const { agent, ask } = await startAgent();
const app = await startApp(home, { CODEX_URL: agent.url, SLOWLY: '1500' });

/** An open response of server-sent events. */
async function open(path, headers = {}) {
  const response = await fetch(`${app.url}${path}`, { headers });
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  return {
    text: () => text,
    /** Reads until there is such a text; `false` if the response ends before. */
    async has(pattern) {
      while (!pattern.test(text)) {
        const { value, done } = await reader.read();
        if (done) return false;
        text += value;
      }
      return true;
    },
    leave: () => reader.cancel(),
  };
}

try {
  const health = async () => (await (await fetch(`${app.url}/health`)).json()).codex;
  while ((await health()).status !== 'up') await new Promise((resolve) => setTimeout(resolve, 10));
  assert.match(await (await fetch(app.url)).text(), /EventSource/);

  const summaries = await open('/summaries');
  const events = await open('/events');
  await ask('npm test');
  assert.ok(await summaries.has(/"I ran \\"npm test\\": accept\."/), summaries.text());
  assert.ok(await events.has(/app_server\.turn\.completed/), events.text());
  await events.leave();

  await ask('rm -rf build');
  assert.ok(await summaries.has(/"I ran \\"rm -rf build\\": decline\."/), summaries.text());
  // What it missed, and that alone.
  const [, last] = events.text().match(/id: (\S+)\n(?!.*id: )/s);
  const back = await open('/events', { 'last-event-id': last });
  assert.ok(await back.has(/app_server\.turn\.completed/), back.text());
  assert.match(back.text(), /"replay":\{"complete":true/);
  const numbers = [...back.text().matchAll(/"seq":(\d+)\}\n/g)].map(([, seq]) => Number(seq));
  assert.equal(numbers[0], Number(last.split(':')[1]) + 1);
  assert.deepEqual(
    numbers,
    numbers.toSorted((a, b) => a - b),
  );

  await ask('npm test');
  const count = (text) => app.lines.filter((line) => line.startsWith(text)).length;
  while (count('summarizing') < 3) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.equal(count('summary of'), 2);
  app.child.kill('SIGTERM');
  const [code, signal] = await app.exited;
  assert.equal(count('summary of'), 3, 'The handler that ran was not finished.');
  for (const response of [summaries, back]) {
    assert.equal(await response.has(/no such text/), false, 'The response was not ended.');
  }
  assert.equal(code ?? signal, 'SIGTERM');
  console.log(`ok      approvals, summaries and SIGTERM in ${home}`);
} finally {
  app.child.kill('SIGKILL');
  await agent.close();
}
