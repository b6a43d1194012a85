import { describe, expect, test } from '@jest/globals';

type Shapes = ReadonlyMap<string, unknown>;

const load = (file: string): Promise<unknown> =>
  import(new URL(`../../.ci/protocol/${file}`, import.meta.url).href);

const { shapesOf } = (await load('shape.mjs')) as {
  shapesOf(schemas: Shapes, paths: readonly string[]): Shapes;
};
const { declarations } = (await load('print.mjs')) as { declarations(shapes: Shapes): string };
const { open } = (await load('open.mjs')) as { open(shapes: Shapes): Shapes };

const shapesFrom = (schema: object): Shapes => shapesOf(new Map([['X', schema]]), ['X']);
const typeOf = (schema: object): string =>
  declarations(shapesFrom(schema)).replace(/^export (type X =|interface X) /, '');

describe('the generator of types', () => {
  test.each([
    [{ type: 'string', enum: ['a', 'b'] }, "'a' | 'b';"],
    [{ enum: ['a'] }, "'a';"],
    [{ type: 'integer', enum: [1, 2] }, '1 | 2;'],
    [{ type: ['integer', 'null'] }, 'number | null;'],
    [{ type: 'array', items: { enum: [1, 2], type: 'integer' } }, 'readonly (1 | 2)[];'],
  ])('makes of %j the type %s', (schema, type) => {
    expect(typeOf(schema)).toBe(type);
  });

  test('leaves enums open to values of their own kind in what a server sends', () => {
    expect(declarations(open(shapesFrom({ type: 'integer', enum: [1] })))).toContain(
      '1 | (number & {})',
    );
    expect(declarations(open(shapesFrom({ enum: ['a'] })))).toContain("'a' | (string & {})");
  });

  test.each([
    [{ const: 1 }],
    [{ type: 'string', pattern: '^a' }],
    [{ type: 'object', patternProperties: {} }],
    [{ type: 'object', properties: { a: { not: {} } } }],
    [{ type: 'array', items: [{ type: 'string' }] }],
    [{ anyOf: [{ type: 'string' }], additionalProperties: false }],
    [{ allOf: [{ type: 'string' }], type: 'string' }],
    [{ type: 'date' }],
    [{ enum: [true] }],
    [{ enum: ['a', 1] }],
    [{ type: 'integer', enum: ['1'] }],
  ])('has no type for %j, and says so', (schema) => {
    expect(() => typeOf(schema)).toThrow('No type is known for');
  });
});
