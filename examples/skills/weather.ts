import { defineSkill, remoteSkills } from 'codex-rx';
import { connectAppServer } from 'codex-rx/node';
import { startFakeAppServer } from 'codex-rx/testing';
import { z } from 'zod';

const weather = defineSkill({
  name: 'get_weather',
  description: 'The weather of a city, today.',
  input: z.object({ city: z.string() }), // checked before the handler runs
  handler: ({ city }) => `Sunny in ${city}.`, // or a promise, an Observable, any JSON
});

const server = await startFakeAppServer(); // a real one: connectAppServer({ experimental: true })
const stream = connectAppServer({ url: server.url, experimental: true });
const skills = remoteSkills(stream, { skills: [weather] });
skills.serve();
const threadId = await skills.createSession({ cwd: '/work' });

// Here the agent calls the skill; with a real one: await skills.send('How is the weather in Paris?')
const call = { threadId, turnId: 'turn-1', callId: 'call-1', tool: 'get_weather' };
const good = await server.request(threadId, 'item/tool/call', {
  ...call,
  arguments: { city: 'Paris' },
});
const bad = await server.request(threadId, 'item/tool/call', {
  ...call,
  callId: '2',
  arguments: {},
});
console.log(JSON.stringify([good, bad], null, 2));

await stream.close();
await server.close();
