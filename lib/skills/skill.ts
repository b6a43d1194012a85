import { amounts, has, mustBe, mustBeKnown } from '../options/index.js';
import type { RequestLike } from '../requests/index.js';
import {
  anyInput,
  declaredSchema,
  type InputOf,
  type InputSchema,
  type JsonSchema,
} from './input-schema.js';

/** A call of a tool by the agent: the value of the request, or its event. */
export type SkillCall = RequestLike<'item/tool/call'>;

/** What the handler of a skill gets besides its input. */
export interface SkillContext {
  /** Aborted when the result is not wanted any more: an interrupt, the timeout, the end. */
  readonly signal: AbortSignal;
  readonly call: SkillCall;
}

/** What a skill is made of. */
export interface SkillDefinition<Schema extends InputSchema = InputSchema> {
  /** How the agent calls it: letters, digits, `_` and `-`, 64 at most. */
  readonly name: string;
  /** When to use it, and what it gives: the agent decides by this. */
  readonly description: string;
  /**
   * The schema of its input: the handler gets nothing that does not fit.
   *
   * @default any object
   */
  readonly input?: Schema;
  /**
   * How long the handler may take, in ms. Then the agent gets an error that says so.
   *
   * @default that of `remoteSkills`
   */
  readonly timeout?: number;
  /**
   * Does it, and gives back text, content items with `success` (see `toolResult`), or anything
   * else, which the agent gets as JSON: now, or later as a promise or an Observable. What it throws
   * reaches the agent as its message.
   */
  readonly handler: (input: InputOf<Schema>, context: SkillContext) => unknown;
}

/** Something that the agent can call, and that runs in this process. */
export interface Skill {
  readonly name: string;
  readonly description: string;
  /** How the input is described to the agent. */
  readonly inputSchema: JsonSchema;
  /** In ms, if it has its own. */
  readonly timeout: number | undefined;
  readonly input: InputSchema;
  readonly handler: (input: never, context: SkillContext) => unknown;
}

/**
 * Defines a skill: something that the agent can call, and that runs in this process.
 *
 * @example
 * const weather = defineSkill({
 *   name: 'get_weather',
 *   description: 'The weather of a city, today.',
 *   input: z.object({ city: z.string() }),
 *   handler: ({ city }) => `Sunny in ${city}.`,
 * });
 *
 * @throws TypeError that names what is wrong.
 */
export function defineSkill<const Schema extends InputSchema = InputSchema>(
  definition: SkillDefinition<Schema>,
): Skill {
  mustBeKnown('', { ...definition }, ['name', 'description', 'input', 'timeout', 'handler']);
  const { name, description, input = anyInput, timeout, handler } = { ...definition };
  const isName =
    typeof name === 'string' && /^[\w-]{1,64}$/.test(name) && !name.startsWith('mcp__');
  const shown = typeof name === 'string' ? `"${name}"` : undefined;
  mustBe(isName, 'name', 'letters, digits, _ and -, 64 at most, and not mcp__…', shown);
  const isText = typeof description === 'string' && description.trim() !== '';
  mustBe(isText, `description of ${name}`, 'a text: the agent decides by it');
  mustBe(typeof handler === 'function', `handler of ${name}`, 'a function');
  mustBe(
    has((input as Partial<InputSchema>)['~standard'], 'validate'),
    `input of ${name}`,
    'a schema of zod, or jsonSchema(…) of codex-rx/json-schema',
  );
  const inputSchema = declaredSchema(name, input);
  const time =
    timeout === undefined ? undefined : amounts(`${name}.`, { timeout }, { timeout: 0 }).timeout;
  return { name, description, inputSchema, timeout: time, input, handler };
}
