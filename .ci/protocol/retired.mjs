// What servers of older versions say and the current one no longer has: they still have clients. It is a
// model of its own, in which each part has the last version that has it: `until: '0.155'`. A shape in
// it holds only what the current one of its name lacks, unless there is no such shape any more.

import { methodLists, reachable, shapeNames } from './model.mjs';

/** What `older` has and `newer` lacks. */
export function retiredFrom(older, newer, until) {
  const retired = { shapes: new Map() };
  for (const list of Object.keys(methodLists)) {
    const current = new Set(newer[list].map(({ method }) => method));
    retired[list] = older[list]
      .filter(({ method }) => !current.has(method))
      .map((one) => ended(one, until));
  }
  for (const [name, shape] of older.shapes) {
    const next = newer.shapes.get(name);
    const context = { newer: newer.shapes, older: older.shapes, until };
    const part = next === undefined ? ended(shape, until) : lackingIn(next, shape, context);
    if (part !== undefined) retired.shapes.set(name, part);
  }
  return onlyUsed(retired, newer);
}

/** A model with what is retired from it. */
export function withRetired(model, retired) {
  const whole = { ...model, shapes: new Map(model.shapes) };
  for (const list of Object.keys(methodLists)) {
    whole[list] = sorted([...model[list], ...retired[list]], ({ method }) => method);
  }
  for (const [name, part] of retired.shapes) {
    const current = model.shapes.get(name);
    whole.shapes.set(name, current === undefined ? part : merged(current, part));
  }
  whole.shapes = new Map(sorted([...whole.shapes], ([name]) => name));
  return whole;
}

/** A definition that is gone matters only if a retired part still refers to it. */
function onlyUsed(retired, newer) {
  const whole = withRetired(newer, retired);
  const names = Object.entries(methodLists).flatMap(([list, members]) =>
    members.flatMap((member) => shapeNames(whole[list], member)),
  );
  const used = reachable(whole.shapes, names);
  return { ...retired, shapes: new Map([...retired.shapes].filter(([name]) => used.has(name))) };
}

/** What the current shape lacks of an older one of the same name or place; undefined if nothing. */
function lackingIn(newer, older, context) {
  const current = alternatives(newer, context.newer);
  const wide = expanded(newer, context.newer);
  if (wide.some(isAnything)) return undefined;
  const parts = alternatives(older, context.older).flatMap((one) => {
    if (isNull(one)) return [];
    if (one.kind === 'literals') return lackingLiterals(wide, one, context);
    if (one.kind === 'ref' || one.kind === 'type') {
      const isHeld = expanded(one, context.older).every((part) => canHold(wide, part));
      return isHeld || current.some(isSameRef(one)) ? [] : [ended(one, context.until)];
    }
    if (wide.some((other) => isLaxer(other, one))) return [];
    const alike = current.filter((other) => keyOf(other) === keyOf(one));
    const lacking = alike.map((other) => lackingMembers(other, one, context));
    if (lacking.includes(undefined)) return [];
    return alike.length === 1 ? lacking : [ended(one, context.until)];
  });
  return parts.length > 0 ? { kind: 'union', members: parts } : undefined;
}

function lackingLiterals(wide, { values, untilOf = {} }, { until }) {
  const lacking = values.filter((value) => !hasLiteral(wide, value));
  if (lacking.length === 0) return [];
  const untils = lacking.map((value) => [value, untilOf[value] ?? until]);
  return [{ kind: 'literals', values: lacking, untilOf: Object.fromEntries(untils) }];
}

/** Whether one of the alternatives is also a place for another one, of those that are not objects. */
function canHold(wide, one) {
  if (one.kind === 'literals') return one.values.every((value) => hasLiteral(wide, value));
  return wide.some((other) => keyOf(other) === keyOf(one));
}

const hasLiteral = (wide, value) =>
  wide.some((one) => one.text === typeof value || one.values?.includes(value));
const isSameRef = (one) => (other) => one.kind === 'ref' && keyOf(one) === keyOf(other);

/** The same, of two alternatives of one key. */
function lackingMembers(newer, older, context) {
  if (older.of) {
    const of = lackingIn(newer.of, older.of, context);
    return of && { kind: older.kind, of };
  }
  if (older.kind !== 'object') return undefined;
  const properties = older.properties.flatMap((one) => {
    const next = newer.properties.find(({ name }) => name === one.name);
    if (next === undefined) return [{ ...ended(one, context.until), required: false }];
    const shape = lackingIn(next.shape, one.shape, context);
    return shape === undefined ? [] : [{ name: one.name, shape }];
  });
  return properties.length > 0 ? { kind: 'object', key: keyOf(older), properties } : undefined;
}

function merged(current, { members: parts }) {
  let whole = current.kind === 'union' ? current.members : [current];
  for (const part of parts) {
    const index = whole.findIndex((one) => !part.until && keyOf(one) === keyOf(part));
    whole = index < 0 ? [...whole, part] : whole.with(index, mergedMembers(whole[index], part));
  }
  if (whole.length === 1) return whole[0];
  return current.kind === 'union' ? { ...current, members: whole } : unionOf(whole);
}

/** Not one that the schema knows, in which other members may follow. */
const unionOf = (members) => ({ kind: 'union', members, isClosed: true });

function mergedMembers(current, part) {
  if (part.kind === 'literals') {
    const values = [...current.values, ...part.values];
    return { ...current, values, untilOf: { ...current.untilOf, ...part.untilOf } };
  }
  if (part.of) return { ...current, of: merged(current.of, part.of) };
  const properties = [...current.properties];
  for (const one of part.properties) {
    const index = properties.findIndex(({ name }) => name === one.name);
    const known = properties[index];
    if (known === undefined) properties.push(one);
    else properties[index] = { ...known, shape: merged(known.shape, one.shape) };
  }
  return { ...current, properties: sorted(properties, ({ name }) => name) };
}

/** The alternatives, with those of all names among them that do not stand for an object. */
function expanded(shape, shapes) {
  if (shape.kind === 'union') return shape.members.flatMap((one) => expanded(one, shapes));
  const named = shape.kind === 'ref' ? shapes.get(shape.name) : shape;
  if (named === shape) return [shape];
  return isObject(named) ? [shape, named] : expanded(named, shapes);
}

/** The members of a union, or the one shape; a name that stands for a plain type is that type. */
function alternatives(shape, shapes) {
  if (shape.kind === 'union') return shape.members.flatMap((one) => alternatives(one, shapes));
  const named = shape.kind === 'ref' ? shapes.get(shape.name) : undefined;
  return named?.kind === 'type' ? [named] : [shape];
}

const ended = (part, until) => ({ ...part, until: part.until ?? until });

const isAnything = ({ text }) => text === 'unknown';
/** That a place could be null is not kept: clients would have to check what no server sends now. */
const isNull = ({ text }) => text === 'null';

/**
 * Whether the first of two objects says too little to lack anything of the other: one is any object, or
 * what tags the first is no tag of the other.
 */
function isLaxer(one, other) {
  if (!isObject(one) || !isObject(other)) return false;
  if (isAnyObject(one) || isAnyObject(other)) return true;
  const names = other.properties?.map(({ name }) => name) ?? [];
  const untagged = names.filter((name) => !tagNames(other).includes(name));
  return tagNames(one).some((name) => untagged.includes(name));
}

const isObject = ({ kind }) => kind === 'object' || kind === 'map';
const isAnyObject = ({ kind, of }) => kind === 'map' && isAnything(of);

/** What tells the alternatives of one place apart: the tags of an object, or else what it is. */
function keyOf(shape) {
  const { kind, text, name, properties, sealed, key } = shape;
  if (key) return key;
  if (kind === 'type') return text;
  if (kind === 'ref') return `ref ${name}`;
  if (kind !== 'object') return kind;
  const tags = properties.filter(isTag);
  if (tags.length > 0) return tags.map((one) => `${one.name}=${one.shape.values[0]}`).join();
  return sealed && properties.length === 1 ? `{${properties[0].name}}` : 'object';
}

const isTag = ({ required, shape: { kind, values } }) =>
  required && kind === 'literals' && values.length === 1;
const tagNames = ({ properties = [] }) => properties.filter(isTag).map(({ name }) => name);

const sorted = (list, by) => list.sort((a, b) => (by(a) < by(b) ? -1 : by(a) > by(b) ? 1 : 0));
