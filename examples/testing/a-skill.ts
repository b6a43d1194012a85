import { test } from '@jest/globals';
import assert from 'node:assert/strict';
import { connectManager, defineSkill, remoteSkills } from 'codex-rx';
import { fakeTransport, request } from 'codex-rx/testing';
import { z } from 'zod';

const weather = defineSkill({
  name: 'get_weather',
  description: 'The weather of a city.',
  input: z.object({ city: z.string() }),
  handler: ({ city }) => `Sunny in ${city}.`,
});

test('a skill runs with good arguments, and answers the agent about bad ones', () => {
  const stream = connectManager({ url: 'ws://fake', transport: fakeTransport().open });
  const skills = remoteSkills(stream, { skills: [weather] });
  const call = (args: object) =>
    skills.dispatchSync(request('item/tool/call', { tool: 'get_weather', arguments: args }));
  assert.deepEqual(call({ city: 'Oslo' }).answer.contentItems, [
    { type: 'inputText', text: 'Sunny in Oslo.' },
  ]);
  assert.equal(call({ town: 'Oslo' }).outcome, 'invalid');
});
