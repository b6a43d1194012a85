import type { Skill } from './skill.js';

/** Tells an agent in words which skills there are: beside the tools that are declared to it. */
export const instructionText = (skills: readonly Skill[]): string =>
  [
    'These tools run in the client of this session. Call them where they help, with arguments that',
    'fit their schema; a call that fails says why.',
    ...skills.flatMap(({ name, description, inputSchema }) => [
      `- ${name}: ${description}`,
      `  arguments: ${JSON.stringify(inputSchema)}`,
    ]),
  ].join('\n');
