import { describe, expect, test } from '@jest/globals';
import { connectManager, defineSkill, remoteSkills } from 'codex-rx';
import { jsonSchema } from 'codex-rx/json-schema';
import { fakeTransport } from 'codex-rx/testing';
import { expectTypeOf } from 'expect-type';
import { callOf } from '../skills/stage.js';

const schema = {
  type: 'object',
  properties: { city: { type: 'string', minLength: 2 }, at: { $ref: '#/$defs/hour' } },
  required: ['city'],
  additionalProperties: false,
  $defs: { hour: { type: 'integer', minimum: 0, maximum: 23 } },
};

const skill = defineSkill({
  name: 'x',
  description: 'x',
  input: jsonSchema<{ readonly city: string; readonly at?: number }>(schema),
  handler(input) {
    expectTypeOf(input).toEqualTypeOf<{ readonly city: string; readonly at?: number }>();
    return input;
  },
});

describe('a JSON Schema', () => {
  test('is declared as it stands', () => {
    expect(skill.inputSchema).toEqual(schema);
  });

  test.each([
    [{ city: 'Rome' }, 'done'],
    [{ city: 'Rome', at: 23 }, 'done'],
    [{ city: 'Rome', at: 24 }, 'invalid'],
    [{ city: 'R' }, 'invalid'],
    [{ city: 'Rome', more: 1 }, 'invalid'],
    [{}, 'invalid'],
    [null, 'invalid'],
  ])('checks the arguments %j: %s', (args, outcome) => {
    const stream = connectManager({ url: 'ws://fake', transport: fakeTransport().open });
    const { dispatchSync } = remoteSkills(stream, { skills: [skill] });
    expect(dispatchSync(callOf('x', args)).outcome).toBe(outcome);
  });

  test.each([{ type: 'banana' }, { type: 'object', if: {}, then: {} }])(
    'that cannot be checked is refused: %p',
    (schema) => {
      expect(() => jsonSchema(schema)).toThrow(TypeError);
      expect(() => jsonSchema(schema)).toThrow(/^This JSON Schema cannot be checked: /);
    },
  );

  test('of anything but an object is refused for a skill', () => {
    const input = jsonSchema({ type: 'string' });
    expect(() => defineSkill({ name: 'x', description: 'x', input, handler: () => 1 })).toThrow(
      'The skill "x": its "input" must be the schema of an object.',
    );
  });
});
