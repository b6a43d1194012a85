import { fromJSONSchema } from 'zod';
import { standardSchema, type InputSchema, type JsonSchema } from '../skills/index.js';

/**
 * The input of a skill, given as JSON Schema: the agent gets exactly this, and what it sends is
 * checked against it. It brings the whole of zod along, and is a separate entry for that reason.
 *
 * @example
 * defineSkill({
 *   name: 'add_note',
 *   description: 'Adds a note.',
 *   input: jsonSchema<{ text: string }>({
 *     type: 'object',
 *     properties: { text: { type: 'string' } },
 *     required: ['text'],
 *   }),
 *   handler: ({ text }) => notes.add(text),
 * });
 *
 * @throws TypeError if the schema is none, or uses what zod cannot check (such as `if` or `not`).
 */
export function jsonSchema<Input = unknown>(schema: JsonSchema): InputSchema<Input> {
  const check = checkOf(schema)['~standard'];
  return standardSchema(schema, check.validate as InputSchema<Input>['~standard']['validate']);
}

function checkOf(schema: JsonSchema): InputSchema {
  try {
    return fromJSONSchema(schema);
  } catch (cause) {
    throw new TypeError(`This JSON Schema cannot be checked: ${(cause as Error).message}.`, {
      cause,
    });
  }
}
