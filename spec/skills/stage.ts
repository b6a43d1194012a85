import { defineSkill, type AppServerRequestEvent } from 'codex-rx';
import { request } from 'codex-rx/testing';
import { z } from 'zod';

/** A call of a tool by the agent of thread `t`. */
export const callOf = (
  tool: string,
  args: unknown = {},
  { id = 0, threadId = 't', namespace = null as string | null } = {},
): AppServerRequestEvent<'item/tool/call'> =>
  request(
    'item/tool/call',
    { threadId, turnId: 'u', callId: `call ${id}`, namespace, tool, arguments: args },
    { id },
  );

export const weather = defineSkill({
  name: 'get_weather',
  description: 'The weather of a city.',
  input: z.object({ city: z.string(), days: z.number().int().default(1) }),
  handler: ({ city, days }) => `Sunny in ${city} for ${days}.`,
});

export const text = (text: string, success = true) => ({
  contentItems: [{ type: 'inputText', text }],
  success,
});
