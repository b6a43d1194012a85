// What codex says about its own protocol: one bundle of JSON schema definitions.

import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Below the definitions codex nests those of its current protocol; the older ones stand next to it. */
const current = 'v2';

/** Keywords that say nothing which a type could hold. */
const silent = ['$schema', 'description', 'title'];

/**
 * Lets a codex print its schema, with what it calls experimental and without it; each as the
 * definitions by the path that a $ref names.
 */
export async function readSchemas(binary) {
  const [experimental, stable] = await Promise.all([
    printSchema(binary, ['--experimental']),
    printSchema(binary, []),
  ]);
  return { experimental, stable };
}

async function printSchema(binary, options) {
  const directory = await mkdtemp(join(tmpdir(), 'codex-rx-schema-'));
  try {
    const command = ['app-server', 'generate-json-schema', ...options, '--out', directory];
    await run(binary, command, { env: { ...env, CODEX_HOME: directory } });
    return definitionsIn(await readFile(join(directory, bundle), 'utf8'));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** The file that holds all definitions. */
export const bundle = 'codex_app_server_protocol.schemas.json';

/**
 * The text of a bundle without a slip of 0.107: some of its older definitions refer to a current one as
 * if it stood next to them.
 */
export function exactText(text) {
  const { [current]: newer, ...older } = JSON.parse(text).definitions;
  return text.replaceAll(/"#\/definitions\/(\w+)"/g, (ref, name) =>
    name in older || !(name in newer) ? ref : `"#/definitions/${current}/${name}"`,
  );
}

/** The definitions in the text of a bundle, by the path that a $ref names. */
export function definitionsIn(text) {
  const { [current]: newer, ...older } = JSON.parse(exactText(text)).definitions;
  return new Map([
    ...Object.entries(older),
    ...Object.entries(newer).map(([name, schema]) => [`${current}/${name}`, schema]),
  ]);
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
 * undefined if they have none, and whether a message may leave `params` out.
 */
export function methodsOf(schemas, union) {
  return schemas
    .get(union)
    .oneOf.map(({ properties, required }) => ({
      method: properties.method.enum[0],
      params: paramsOf(properties),
      optional: !required.includes('params'),
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
