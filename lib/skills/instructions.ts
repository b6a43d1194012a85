import type { Skill } from './skill.js';

/**
 * Says in words which skills there are, in addition to the tools that are declared to the agent.
 */
export const instructionText = (skills: readonly Skill[]): string =>
  [
    'These tools run in the client of this session. Call them where they help, with arguments that',
    'fit their schema; a call that fails says why.',
    ...skills.flatMap(({ name, description, inputSchema }) => [
      `- ${name}: ${description}`,
      `  arguments: ${JSON.stringify(inputSchema)}`,
    ]),
  ].join('\n');
