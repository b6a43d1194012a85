import { describe, expect, test } from '@jest/globals';
import { connectManager, defineSkill, remoteSkills, type Skill } from 'codex-rx';
import { fakeTransport } from 'codex-rx/testing';
import { z } from 'zod';

const whatever = { name: 'a', description: 'Does a.', handler: () => 'x' };

describe('a skill', () => {
  test('declares the input that its zod schema takes, and not what comes of it', () => {
    const { inputSchema } = defineSkill({
      ...whatever,
      input: z.object({
        city: z.string().describe('Its name.'),
        days: z.number().int().min(1).default(3),
        at: z.object({ lat: z.number(), lon: z.number() }).optional(),
      }),
    });
    expect(inputSchema).toEqual({
      type: 'object',
      properties: {
        city: { type: 'string', description: 'Its name.' },
        days: { type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER, default: 3 },
        at: {
          type: 'object',
          properties: { lat: { type: 'number' }, lon: { type: 'number' } },
          required: ['lat', 'lon'],
        },
      },
      required: ['city'],
    });
  });

  test('takes any object, where it does not say what it takes', () => {
    expect(defineSkill(whatever).inputSchema).toEqual({
      type: 'object',
      additionalProperties: true,
    });
  });

  test.each<[string, object, RegExp]>([
    ['no name', { name: undefined }, /^"name" must be letters, digits, _ and -/],
    ['a name with a blank', { name: 'my tool' }, /, not "my tool"\.$/],
    ['a long name', { name: 'x'.repeat(65) }, /64 at most/],
    ['a name of an MCP server', { name: 'mcp__x' }, /not mcp__…/],
    ['no description', { description: ' ' }, /^"description of a" must be a text/],
    ['no handler', { handler: 'x' }, /^"handler of a" must be a function/],
    [
      'a timeout that is none',
      { timeout: -1 },
      /^"a\.timeout" must be a number, 0 or more, not -1/,
    ],
    ['a bare JSON Schema', { input: { type: 'object' } }, /a schema of zod, or jsonSchema\(…\)/],
    ['no schema', { input: 5 }, /^"input of a" must be/],
    [
      'a schema of text',
      { input: z.string() },
      /^The skill "a": its "input" must be the schema of an object\.$/,
    ],
    [
      'a schema without JSON',
      { input: z.object({ at: z.date() }) },
      /"a": its "input" cannot be written as JSON Schema\.$/,
    ],
    [
      'a library that writes no JSON Schema',
      { input: { '~standard': { version: 1, vendor: 'x', validate: () => ({ value: 1 }) } } },
      /with zod it takes 4\.2 or later/,
    ],
  ])('is refused with %s', (_what, change, message) => {
    expect(() => defineSkill({ ...whatever, ...change })).toThrow(TypeError);
    expect(() => defineSkill({ ...whatever, ...change })).toThrow(message);
  });
});

describe('a catalog', () => {
  const stream = connectManager({ url: 'ws://fake', transport: fakeTransport().open });
  const skill = defineSkill(whatever);

  test.each<[string, object, RegExp]>([
    ['no skills', {}, /^"skills" must be 1 to 128 skills/],
    ['an empty one', { skills: [] }, /^"skills" must be 1 to 128 skills/],
    ['129 skills', { skills: Array.from({ length: 129 }, () => skill) }, /1 to 128/],
    ['a name twice', { skills: [skill, defineSkill(whatever)] }, /there are two of a\.$/],
    ['no thread', { skills: [skill], threadId: '' }, /^"threadId" must be/],
    ['no slot', { skills: [skill], concurrency: 0 }, /^"concurrency" must be 1 or more, not 0/],
    ['no time', { skills: [skill], timeout: NaN }, /^"timeout" must be a number/],
    [
      'another word',
      { skills: [skill], unknown: 'ask' },
      /^"unknown" must be "fail" or "leave", not ask/,
    ],
  ])('is refused with %s', (_what, options, message) => {
    expect(() => remoteSkills(stream, options as never)).toThrow(message);
  });

  test('is told to the agent as tools, and in words', () => {
    const input = z.object({ n: z.number() });
    const more: Skill = defineSkill({ ...whatever, name: 'b', description: 'Does b.', input });
    const skills = remoteSkills(stream, { skills: [skill, more] });
    expect(skills.dynamicTools()).toEqual([
      {
        type: 'function',
        name: 'a',
        description: 'Does a.',
        inputSchema: { type: 'object', additionalProperties: true },
      },
      {
        type: 'function',
        name: 'b',
        description: 'Does b.',
        inputSchema: { type: 'object', properties: { n: { type: 'number' } }, required: ['n'] },
      },
    ]);
    expect(skills.instructions()).toContain('- a: Does a.\n');
    expect(skills.instructions()).toContain(
      '- b: Does b.\n  arguments: {"type":"object","properties":{"n":{"type":"number"}},"required":["n"]}',
    );
  });

  test('cannot be changed from outside', () => {
    const list = [skill];
    const skills = remoteSkills(stream, { skills: list });
    list.push(defineSkill({ ...whatever, name: 'late' }));
    expect(skills.dynamicTools().map(({ name }) => name)).toEqual(['a']);
  });
});
