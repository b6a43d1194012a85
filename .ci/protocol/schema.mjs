// What codex says about its own protocol: one bundle of JSON schema definitions.

import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';
import { promisify } from 'node:util';
import { codexBinary } from '../codex-binary.mjs';
import { withRetired } from './retired.mjs';

const run = promisify(execFile);

/** Below the definitions codex nests those of its current protocol; the older ones stand next to it. */
const current = 'v2';

/** Keywords that say nothing which a type could hold. */
const silent = ['$schema', 'description', 'title'];

/**
 * Lets the real codex print its schema, with what it calls experimental and without it; each as the
 * definitions by the path that a $ref names.
 */
export async function readSchemas() {
  const [experimental, stable] = await Promise.all([
    readSchema(['--experimental']),
    readSchema([]),
  ]);
  return { experimental: withRetired(experimental), stable };
}

async function readSchema(options) {
  const directory = await mkdtemp(join(tmpdir(), 'codex-rx-schema-'));
  try {
    await run(
      await codexBinary(),
      ['app-server', 'generate-json-schema', ...options, '--out', directory],
      { env: { ...env, CODEX_HOME: directory } },
    );
    const file = join(directory, 'codex_app_server_protocol.schemas.json');
    const { [current]: nested, ...older } = JSON.parse(await readFile(file, 'utf8')).definitions;
    return new Map([
      ...Object.entries(older),
      ...Object.entries(nested).map(([name, schema]) => [`${current}/${name}`, schema]),
    ]);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** The path that a schema refers to, or undefined. */
export const pathOf = (schema) => schema.$ref?.replace('#/definitions/', '');

/**
 * The TypeScript name of a definition: its own, except that an older definition which differs from
 * the current one of that name gives way to it.
 */
export function nameOf(schemas, path) {
  const name = path.replace(`${current}/`, '');
  const newer = schemas.get(`${current}/${name}`);
  const shadowed = newer && bare(schemas.get(path)) !== bare(newer);
  return shadowed ? `${name}V1` : name;
}

/** A schema as text, without what says nothing about the type. */
const bare = (schema) =>
  JSON.stringify(schema, (key, value) => (silent.includes(key) ? undefined : value)).replaceAll(
    `#/definitions/${current}/`,
    '#/definitions/',
  );

/**
 * The methods of a union like ServerNotification, sorted: their wire name, the path of their params or
 * undefined if they have none, whether a message may leave `params` out, and the last version that
 * has it, if that is not the current one.
 */
export function methodsOf(schemas, union) {
  return schemas
    .get(union)
    .oneOf.map(({ properties, required, until }) => ({
      method: properties.method.enum[0],
      params: paramsOf(properties),
      optional: !required.includes('params'),
      until,
    }))
    .sort((a, b) => (a.method < b.method ? -1 : 1));
}

function paramsOf({ method, params = { type: 'null' } }) {
  const [schema, ...more] = (params.anyOf ?? [params]).filter(({ type }) => type !== 'null');
  if (schema === undefined) return undefined;
  const path = pathOf(schema);
  if (path === undefined || more.length > 0) {
    throw new Error(`The params of ${method.enum[0]} are no single definition.`);
  }
  return path;
}

/** The answer to a server request: `…Response` beside its `…Params`. */
export function answerOf(schemas, { method, params }) {
  const answer = params && responseTo(schemas, params);
  if (answer === undefined) throw new Error(`No answer known for ${method}.`);
  return answer;
}

/** The `…Response` beside a `…Params`, or undefined. */
export function responseTo(schemas, params) {
  const response = params.replace(/Params$/, 'Response');
  return response !== params && schemas.has(response) ? response : undefined;
}

/** The given definitions and all that they refer to. */
export function reachable(schemas, paths, found = new Set()) {
  for (const path of paths) {
    if (found.has(path)) continue;
    found.add(path);
    reachable(schemas, references(schemas.get(path)), found);
  }
  return found;
}

function references(schema) {
  if (schema === null || typeof schema !== 'object') return [];
  const path = pathOf(schema);
  return path === undefined ? Object.values(schema).flatMap(references) : [path];
}
