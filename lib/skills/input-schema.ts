/** What is wrong with a value, and where in it. */
export interface InputIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** What a schema makes of an input: its value, or what is wrong with it. */
export type Validated<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly InputIssue[] };

/**
 * What says which input a skill takes: a schema of zod 4.2 or later, of `codex-rx/json-schema`, or
 * of any other library that speaks Standard Schema and Standard JSON Schema
 * (https://standardschema.dev).
 */
export interface InputSchema<Output = unknown> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => Validated<Output> | PromiseLike<Validated<Output>>;
    readonly jsonSchema?: {
      readonly input: (options: { readonly target: 'draft-2020-12' }) => JsonSchema;
    };
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined;
  };
}

/** A JSON Schema, as data. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** What a handler gets, given the schema of its skill. */
export type InputOf<Schema extends InputSchema> =
  NonNullable<Schema['~standard']['types']> extends { readonly output: infer Output }
    ? Output
    : unknown;

/** Any object: the input of a skill that does not say what it takes. */
export const anyInput: InputSchema = standardSchema(
  { type: 'object', additionalProperties: true },
  (value) => ({
    value,
  }),
);

/** A schema that is declared as it stands. */
export function standardSchema<Output>(
  declared: JsonSchema,
  validate: InputSchema<Output>['~standard']['validate'],
): InputSchema<Output> {
  const input = () => declared;
  return { '~standard': { version: 1, vendor: 'codex-rx', validate, jsonSchema: { input } } };
}

/**
 * How the input of a skill is described to the agent.
 *
 * @throws TypeError if the schema cannot be written as a JSON Schema of an object.
 */
export function declaredSchema(name: string, schema: InputSchema): JsonSchema {
  const { jsonSchema } = schema['~standard'];
  const fail = (why: string, cause?: unknown) =>
    new TypeError(`The skill "${name}": its "input" ${why}.`, { cause });
  if (!jsonSchema) throw fail('cannot be written as JSON Schema: with zod it takes 4.2 or later');
  const declared = written(jsonSchema, fail);
  delete declared['$schema'];
  if (declared['type'] !== 'object') throw fail('must be the schema of an object');
  return declared;
}

function written(
  { input }: NonNullable<InputSchema['~standard']['jsonSchema']>,
  fail: (why: string, cause: unknown) => TypeError,
): Record<string, unknown> {
  try {
    return { ...input({ target: 'draft-2020-12' }) };
  } catch (error) {
    throw fail('cannot be written as JSON Schema', error);
  }
}
