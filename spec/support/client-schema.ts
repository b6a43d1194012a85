import Ajv from 'ajv';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';
import { promisify } from 'node:util';

/** What the real codex says about frames: the errors it finds, none if the frame is valid. */
export interface ClientSchema {
  /** @param answers for an answer to a server request: the method of that request */
  validateClientFrame(frame: unknown, answers?: string): string[];
  /** @param answers for a response: the method of the client's request */
  validateServerFrame(frame: unknown, answers?: string): string[];
  /** Both, over what went in (from the server) and out, in its order. */
  validateConversation(
    conversation: readonly { readonly dir: string; readonly frame?: unknown }[],
  ): string[];
}

interface Frame {
  readonly id?: number | string;
  readonly method?: string;
  readonly error?: unknown;
}

interface Variant {
  readonly properties: {
    readonly method: { readonly enum: readonly [string] };
    readonly params?: { readonly $ref?: string };
  };
}

interface Bundle {
  readonly definitions: Readonly<Record<string, unknown>> & {
    readonly v2: Readonly<Record<string, unknown>>;
  };
}

const generator = (file: string): Promise<unknown> =>
  import(new URL(`../../.ci/protocol/${file}`, import.meta.url).href);

const { exactText } = (await generator('schema.mjs')) as { exactText(text: string): string };

/** The generator's own table of results, which is checked here too. */
const { resultOf } = (await generator('results.mjs')) as {
  resultOf(
    schemas: ReadonlyMap<string, unknown>,
    request: { readonly method: string; readonly params: string | undefined },
  ): string | undefined;
};

/** What servers of 0.107 send a second time: no schema has it. */
const legacy = 'codex/event/';

type Union = 'ClientRequest' | 'ClientNotification' | 'ServerRequest' | 'ServerNotification';

/** Lets codex print its schema, with what is experimental, and reads it. Takes about a second. */
export async function readClientSchema(): Promise<ClientSchema> {
  const bundle = await printSchema();
  const ajv = new Ajv({ allErrors: true, schemaId: '$id', addUsedSchema: false });
  for (const format of ['int32', 'int64', 'uint', 'uint8', 'uint16', 'uint32', 'uint64']) {
    const signed = format.startsWith('int');
    const validate = (value: number) => Number.isInteger(value) && (signed || value >= 0);
    ajv.addFormat(format, { type: 'number', validate });
  }
  ajv.addFormat('double', { type: 'number', validate: () => true });
  ajv.addSchema(bundle, 'codex');

  const variantsOf = (union: Union) =>
    (bundle.definitions[union] as { readonly oneOf: readonly Variant[] }).oneOf;

  const current = Object.entries(bundle.definitions.v2);
  const paths = new Map([
    ...Object.entries(bundle.definitions),
    ...current.map(([name, definition]) => [`v2/${name}`, definition] as const),
  ]);

  /** Only the variant with the frame's method: a union of 189 does not say what is wrong. */
  function validateVariant(union: Union, frame: Frame): string[] {
    if (union === 'ServerNotification' && frame.method?.startsWith(legacy)) return [];
    const index = variantsOf(union).findIndex((v) => v.properties.method.enum[0] === frame.method);
    if (index < 0) return [`${union}: there is no ${String(frame.method)}`];
    return validate(`definitions/${union}/oneOf/${index}`, frame, frame.method as string);
  }

  /** A response: it has a result of the type that the generator knows, or an error. */
  function validateAnswer(union: Union, frame: Frame, method: string): string[] {
    if (frame.error) return validate('definitions/JSONRPCError', frame, method);
    const variant = variantsOf(union).find((v) => v.properties.method.enum[0] === method);
    if (!variant) return [`${union}: there is no ${method}`];
    const params = variant.properties.params?.$ref?.replace('#/definitions/', '');
    const answer = params?.replace(/Params$/, 'Response') ?? '';
    const result = union === 'ClientRequest' ? resultOf(paths, { method, params }) : answer;
    const errors = validate('definitions/JSONRPCResponse', frame, method);
    if (errors.length > 0 || result === undefined) return errors;
    return validate(
      `definitions/${result}`,
      (frame as { result: unknown }).result,
      `the answer to ${method}`,
    );
  }

  function validate(path: string, value: unknown, name: string): string[] {
    const schema = ajv.getSchema(`codex#/${path}`);
    if (!schema) throw new Error(`codex's schema has no ${path}.`);
    if (schema(value) === true) return [];
    return (schema.errors ?? []).map((e) => `${name}${e.dataPath}: ${e.message ?? e.keyword}`);
  }

  function validatorOf(own: 'Client' | 'Server', other: 'Client' | 'Server') {
    return (value: unknown, answers?: string): string[] => {
      if (typeof value !== 'object' || value === null) return ['a frame is an object'];
      const frame = value as Frame;
      if (frame.method === undefined) {
        if (answers === undefined) return ['a frame without a method answers a known request'];
        return validateAnswer(`${other}Request`, frame, answers);
      }
      return validateVariant(`${own}${'id' in frame ? 'Request' : 'Notification'}`, frame);
    };
  }

  const validateClientFrame = validatorOf('Client', 'Server');
  const validateServerFrame = validatorOf('Server', 'Client');
  return {
    validateClientFrame,
    validateServerFrame,
    validateConversation(conversation) {
      const asked = { in: new Map<unknown, string>(), out: new Map<unknown, string>() };
      return conversation.flatMap(({ dir, frame }) => {
        if (dir !== 'in' && dir !== 'out') return [];
        const { id, method } = frame as Frame;
        if (id !== undefined && method !== undefined) asked[dir].set(id, method);
        const answers = asked[dir === 'in' ? 'out' : 'in'].get(id);
        const validateFrame = dir === 'in' ? validateServerFrame : validateClientFrame;
        return validateFrame(frame, answers).map((error) => `${dir}: ${error}`);
      });
    },
  };
}

async function printSchema(): Promise<Bundle> {
  const binary = env['CODEX_BINARY'];
  if (!binary) throw new Error('CODEX_BINARY is not set: run this spec with `npm run test:codex`.');
  const directory = await mkdtemp(join(tmpdir(), 'codex-rx-schema-'));
  try {
    const args = ['app-server', 'generate-json-schema', '--experimental', '--out', directory];
    await promisify(execFile)(binary, args, { env: { CODEX_HOME: directory } });
    const file = join(directory, 'codex_app_server_protocol.schemas.json');
    return JSON.parse(exactText(await readFile(file, 'utf8'))) as Bundle;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
