// A JSON schema, reduced to what a TypeScript type can say. A shape is one of:
//
//   { kind: 'type', text }                            a TypeScript type as it stands
//   { kind: 'literals', values, untilOf }             one of these strings, or of these numbers
//   { kind: 'ref', name }                             a named type
//   { kind: 'list', of }
//   { kind: 'map', of, empty }
//   { kind: 'object', properties, rest, sealed, title }
//   { kind: 'union', members, title }
//
// where a property is { name, shape, required, until }, `rest` the shape of further ones, `sealed` says
// that there are none, and `empty` that the schema lists no property, though it does not rule them out.
// `until` and `untilOf` name the last version that has a part: see retired.mjs.
// A keyword that is not known here is an error: it would go missing in silence.

import { nameOf, pathOf, reachable } from './schema.mjs';

const unknown = { kind: 'type', text: 'unknown' };
const never = { kind: 'type', text: 'never' };
const scalars = {
  string: 'string',
  integer: 'number',
  number: 'number',
  boolean: 'boolean',
  null: 'null',
};

/** Keywords that say nothing which a type could hold. */
const silent = [
  ...[
    '$schema',
    'description',
    'title',
    'default',
    'examples',
    'deprecated',
    'readOnly',
    'writeOnly',
  ],
  ...['format', 'minimum', 'maximum', 'minLength', 'maxLength', 'minItems', 'maxItems'],
];

/** The keywords that mean something, each with those that it may be combined with. */
const combinable = {
  $ref: [],
  allOf: [],
  oneOf: ['type', 'properties', 'required'],
  anyOf: ['type', 'properties', 'required'],
  enum: ['type'],
  type: ['additionalProperties', 'items', 'properties', 'required'],
};

/** The shapes, by name and sorted, of the definitions at these paths and of all that they refer to. */
export function shapesOf(schemas, paths) {
  const shapes = new Map();
  for (const path of reachable(schemas, paths)) {
    const name = nameOf(schemas, path);
    const shape = shapeOf(schemas, schemas.get(path));
    const members = shape.members?.map((member) => named(shapes, member));
    add(shapes, name, members ? { ...shape, members } : shape);
  }
  return new Map([...shapes].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The shapes as one may send them: what the schema does not list is wrong, also in an empty object. */
export function closed(shapes) {
  return new Map(
    [...shapes].map(([name, shape]) => [name, shape.empty ? { ...shape, of: never } : shape]),
  );
}

/** The members of a named union have titles of their own: `AgentMessageThreadItem`. */
function named(shapes, member) {
  if (!member.title) return member;
  const name = member.title.replace(/v2::/, ''); // a slip of the schema: `ApiKeyv2::LoginAccountParams`
  add(shapes, name, member);
  return { kind: 'ref', name };
}

function add(shapes, name, shape) {
  const other = shapes.get(name);
  if (other && JSON.stringify(other) !== JSON.stringify(shape)) {
    throw new Error(`Two different types want to be called ${name}.`);
  }
  shapes.set(name, shape);
}

function shapeOf(schemas, schema) {
  if (schema === false) return never;
  const keywords = Object.keys(schema).filter((key) => !silent.includes(key));
  if (keywords.length === 0) return unknown;
  const main = Object.keys(combinable).find((key) => keywords.includes(key));
  if (!keywords.every((key) => key === main || combinable[main]?.includes(key))) {
    throw noType(schema);
  }
  switch (main) {
    case '$ref':
      return { kind: 'ref', name: nameOf(schemas, pathOf(schema)) };
    case 'allOf':
      return shapeOf(schemas, only(schema.allOf));
    case 'oneOf':
    case 'anyOf':
      return unionOf(
        schema[main].map((member) => shapeOf(schemas, within(schema, member))),
        schema.title,
      );
    case 'enum':
      return literalsOf(schema);
    case 'type':
      return typed(schemas, schema);
  }
}

function literalsOf(schema) {
  const [kind, ...others] = new Set(schema.enum.map((value) => typeof value));
  const type = schema.type === undefined ? kind : scalars[schema.type];
  const isKnown = (kind === 'string' || kind === 'number') && type === kind;
  if (!isKnown || others.length > 0) throw noType(schema);
  return { kind: 'literals', values: schema.enum };
}

function typed(schemas, schema) {
  const { type, items } = schema;
  if (Array.isArray(type)) {
    return unionOf(type.map((one) => typed(schemas, { ...schema, type: one })));
  }
  if (type === 'array') return { kind: 'list', of: shapeOf(schemas, items) };
  if (type === 'object') return objectOf(schemas, schema);
  if (!(type in scalars)) throw noType(schema);
  return { kind: 'type', text: scalars[type] };
}

const noType = (schema) => new Error(`No type is known for ${JSON.stringify(schema)}.`);

/** codex wraps a $ref in an allOf to describe it; a true intersection has not been seen. */
function only([schema, ...more]) {
  if (more.length > 0) throw new Error('An allOf of several schemas is not known here.');
  return schema;
}

/** The properties next to a oneOf belong to each of its members. */
function within(outer, member) {
  if (!outer.properties) return member;
  return {
    ...member,
    properties: { ...outer.properties, ...member.properties },
    required: [...(outer.required ?? []), ...(member.required ?? [])],
  };
}

/** Members in the schema's order; all literals together, where the first one stands. */
function unionOf(nested, title) {
  const all = nested.flatMap((one) => (one.kind === 'union' && !one.title ? one.members : [one]));
  const values = all.flatMap((one) => (one.kind === 'literals' ? one.values : []));
  const members = all.filter(({ kind }) => kind !== 'literals');
  if (values.length === 0) return { kind: 'union', members, title };
  const literals = { kind: 'literals', values };
  if (members.length === 0) return literals;
  const first = all.findIndex(({ kind }) => kind === 'literals');
  return { kind: 'union', members: members.toSpliced(first, 0, literals), title };
}

function objectOf(schemas, { properties = {}, required = [], additionalProperties, title }) {
  const names = Object.keys(properties).sort();
  if (names.length === 0) {
    const empty = additionalProperties === undefined;
    return { kind: 'map', of: shapeOf(schemas, additionalProperties ?? true), empty };
  }
  return {
    kind: 'object',
    title,
    properties: names.map((name) => ({
      name,
      shape: shapeOf(schemas, properties[name]),
      required: required.includes(name),
    })),
    rest: additionalProperties ? shapeOf(schemas, additionalProperties) : undefined,
    sealed: additionalProperties === false,
  };
}
