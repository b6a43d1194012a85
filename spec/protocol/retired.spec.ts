import { describe, expect, test } from '@jest/globals';

type Shapes = ReadonlyMap<string, unknown>;
type Schemas = ReadonlyMap<string, unknown>;

interface Model {
  readonly calls: readonly { readonly method: string; readonly until?: string }[];
  readonly shapes: Shapes;
  readonly notes: readonly string[];
}

const load = (file: string): Promise<unknown> =>
  import(new URL(`../../.ci/protocol/${file}`, import.meta.url).href);

const { modelOf } = (await load('model.mjs')) as { modelOf(schemas: Schemas): Model };
const { retiredFrom, withRetired } = (await load('retired.mjs')) as {
  retiredFrom(older: Model, newer: Model, until: string): Model;
  withRetired(model: Model, retired: Model): Model;
};
const { declarations } = (await load('print.mjs')) as { declarations(shapes: Shapes): string };
const { open } = (await load('open.mjs')) as { open(shapes: Shapes): Shapes };

const text = { type: 'string' };
const object = (properties: object, required: readonly string[] = []) => ({
  ...{ type: 'object', properties, required },
});
const one = (...values: readonly string[]) => ({ type: 'string', enum: values });
const ref = (name: string) => ({ $ref: `#/definitions/v2/${name}` });

/** A protocol whose only notification carries a `Thing`. */
function protocolWith(thing: object, more: Readonly<Record<string, object>> = {}): Model {
  const method = (name: string, params: string) =>
    object({ method: one(name), params: ref(params) }, ['method', 'params']);
  return modelOf(
    new Map<string, unknown>([
      ['ServerNotification', { oneOf: [method('thing', 'Thing')] }],
      ['ServerRequest', { oneOf: [] }],
      ['ClientRequest', { oneOf: [] }],
      ['ClientNotification', { oneOf: [] }],
      ['v2/Thing', thing],
      ...Object.entries(more).map(([name, schema]) => [`v2/${name}`, schema] as const),
    ]),
  );
}

/** The types of a newer protocol, with what is retired from an older one. */
function typesOf(older: Model, newer: Model, change: (shapes: Shapes) => Shapes = (it) => it) {
  const { shapes } = withRetired(newer, retiredFrom(older, newer, '0.1'));
  return declarations(change(shapes)).replaceAll(/\s+/g, ' ');
}

const until = '/** Until codex 0.1. */';

describe('what is retired', () => {
  test('is nothing where nothing has changed', () => {
    const same = protocolWith(object({ a: text, b: { anyOf: [one('x'), { type: 'null' }] } }));
    expect(retiredFrom(same, same, '0.1').shapes.size).toBe(0);
  });

  test('are properties, which may be left out then', () => {
    const older = protocolWith(object({ a: text, gone: text }, ['a', 'gone']));
    const newer = protocolWith(object({ a: text }, ['a']));
    expect(typesOf(older, newer)).toBe(
      `export interface Thing { readonly a: string; ${until} readonly gone?: string; }`,
    );
  });

  test('are values of enums, however the schema lists them', () => {
    const older = protocolWith(object({ a: one('x', 'y') }));
    const newer = protocolWith(object({ a: { oneOf: [one('x'), one('z')] } }));
    expect(typesOf(older, newer)).toContain(`readonly a?: 'x' | 'z' ${until} | 'y';`);
  });

  test('are kinds of values, and names of definitions that nothing else uses', () => {
    const older = protocolWith(object({ a: ref('Old') }), { Old: object({ b: text }, ['b']) });
    const newer = protocolWith(object({ a: { type: 'integer' } }));
    expect(typesOf(older, newer)).toBe(
      `${until} export interface Old { readonly b: string; } ` +
        `export interface Thing { readonly a?: number ${until} | Old; }`,
    );
  });

  test('is not what a wider place holds: any text for an enum, any value for a type', () => {
    const older = protocolWith(object({ a: one('x'), b: text, c: { type: ['string', 'null'] } }));
    const newer = protocolWith(object({ a: text, b: {}, c: text }));
    expect(retiredFrom(older, newer, '0.1').shapes.size).toBe(0);
  });

  test('leaves a union told apart by its tag, also by objects from before the tag', () => {
    const kind = (name: string) => object({ type: one(name) }, ['type']);
    const older = protocolWith(object({ name: text }, ['name']));
    const newer = protocolWith({ oneOf: [kind('x'), kind('y')] });
    expect(typesOf(older, newer, open)).toBe(
      "export type Thing = { readonly type: 'x'; } | { readonly type: 'y'; } " +
        `${until} | { readonly name: string; readonly type?: undefined; } ` +
        '| { readonly type: Unlisted; };',
    );
  });

  test('keeps the version that had it last, over several steps', () => {
    const first = protocolWith(object({ a: text }));
    const second = protocolWith(object({ b: text }));
    const whole = withRetired(second, retiredFrom(first, second, '0.1'));
    const third = protocolWith(object({ c: text }));
    const { shapes } = withRetired(third, retiredFrom(whole, third, '0.2'));
    expect(declarations(shapes).replaceAll(/\s+/g, ' ')).toBe(
      `export interface Thing { ${until} readonly a?: string; ` +
        '/** Until codex 0.2. */ readonly b?: string; readonly c?: string; }',
    );
  });
});

describe('a call whose result the schema does not name', () => {
  test('is in the protocol, and in a note', () => {
    const method = object({ method: one('made/up') }, ['method']);
    const { calls, notes } = modelOf(
      new Map<string, unknown>([
        ['ServerNotification', { oneOf: [] }],
        ['ServerRequest', { oneOf: [] }],
        ['ClientRequest', { oneOf: [method] }],
        ['ClientNotification', { oneOf: [] }],
      ]),
    );
    expect(calls).toMatchObject([{ method: 'made/up', result: undefined }]);
    expect(notes).toEqual([expect.stringContaining('No result known for made/up')]);
  });
});
