// What a server sends may be newer than the schema. This makes shapes that hold it too, and that still
// narrow: values that the schema does not list, and union members that it does not know.

/** Any string or number, of which editors still complete the literals of the same union. */
const anyOther = ({ values: [value] }) => ({ kind: 'type', text: `(${typeof value} & {})` });
const anyString = anyOther({ values: [''] });
const absent = { kind: 'type', text: 'undefined' };
const unlistedTag = { kind: 'ref', name: 'Unlisted' };
const unlistedVariant = { kind: 'ref', name: 'UnlistedVariant' };

/** Goes on top of a file with open types. */
export const openTypes = `
declare const unlisted: unique symbol;

/**
 * A tag that the schema does not list. It can be any string; the pattern only keeps literals from
 * being comparable to it, without which a \`switch\` over the tag would narrow nothing.
 */
export type Unlisted = \`\\0\${string}\` & { readonly [unlisted]: true };

/** A member that the schema does not list, of a union told apart by which property is there. */
export interface UnlistedVariant {
  readonly [unlisted]: true;
}
`;

/** Opens every shape of a map of named ones. */
export function open(shapes) {
  const tags = tagsOf(shapes);
  return new Map(
    [...shapes].map(([name, { until, ...shape }]) => [name, { ...opened(shape), until }]),
  );

  function opened(shape) {
    switch (shape.kind) {
      case 'literals':
        return tags.has(shape.values)
          ? shape
          : { kind: 'union', members: [shape, anyOther(shape)] };
      case 'list':
      case 'map':
        return { ...shape, of: opened(shape.of) };
      case 'object':
        return {
          ...shape,
          properties: shape.properties.map((one) => ({ ...one, shape: opened(one.shape) })),
          rest: shape.rest && opened(shape.rest),
        };
      case 'union':
        return { ...shape, members: openedMembers(shape) };
      default:
        return shape;
    }
  }

  function openedMembers(union) {
    const known = listedVariants(shapes, union);
    if (known !== undefined) {
      const asListed = known.map((one) => (one.kind === 'literals' ? one : opened(one)));
      return [...asListed, anyString, unlistedVariant];
    }
    const tag = tagOf(shapes, union);
    const members = union.members.map((one) => withoutTag(opened(one), tag));
    if (tag === undefined || union.isClosed) return members;
    return [...members, otherMember(tagged(union, tag), tag)];
  }

  /** An object from before the tag, which a `switch` over the tag leaves out. */
  function withoutTag(member, tag) {
    const isBare = tag !== undefined && member.until && member.kind === 'object';
    if (!isBare || propertyOf(member, tag)) return member;
    return { ...member, properties: [...member.properties, { name: tag, shape: absent }] };
  }

  /** The members that have the tag. */
  function tagged(union, tag) {
    return leavesOf(shapes, union).filter((leaf) => propertyOf(leaf, tag));
  }

  /** A member with another tag, and with what all the known ones agree on. */
  function otherMember([first, ...others], tag) {
    const properties = first.properties.flatMap((one) => {
      if (one.name === tag) return { ...one, shape: unlistedTag };
      const same = others.map((other) => propertyOf(other, one.name)).filter(isLike(one));
      if (others.length === 0 || same.length < others.length) return [];
      const required = [one, ...same].every((property) => property.required);
      return { ...one, shape: opened(one.shape), required };
    });
    return { kind: 'object', properties };
  }
}

/** The literals that tell the members of unions apart. Open to any string, they no longer would. */
function tagsOf(shapes) {
  const tags = new Set();
  for (const shape of shapes.values()) visit(shape);
  return tags;

  function visit(shape) {
    if (shape.of) visit(shape.of);
    for (const property of shape.properties ?? []) visit(property.shape);
    for (const member of shape.members ?? []) visit(member);
    const tag = shape.kind === 'union' ? tagOf(shapes, shape) : undefined;
    if (tag === undefined) return;
    for (const leaf of leavesOf(shapes, shape)) {
      const property = propertyOf(leaf, tag);
      if (property) tags.add(resolved(shapes, property.shape).values);
    }
  }
}

/** What tells the members of a named shape apart: the values of an enum, tags, or variants. */
export function variantsOf(shapes, name) {
  const shape = shapes.get(name) ?? { kind: 'type' };
  const union = shape.kind === 'union' ? shape : { members: [shape] };
  const tag = tagOf(shapes, union);
  const variants = leavesOf(shapes, union)
    .filter(isListed)
    .flatMap((leaf) => {
      if (leaf.kind === 'literals') return leaf.values;
      if (tag !== undefined && propertyOf(leaf, tag)) {
        return resolved(shapes, propertyOf(leaf, tag).shape).values;
      }
      return leaf.kind === 'object' && isVariant(leaf) ? [leaf.properties[0].name] : [];
    });
  if (variants.length === 0) throw new Error(`${name} has no variants that could be listed.`);
  return [...new Set(variants)];
}

/** The property that tells the members of a union apart by its value, or undefined. */
export function tagOf(shapes, union) {
  const current = union.members.filter(({ until }) => !until);
  const leaves = leavesOf(shapes, { members: current });
  if (leaves.length === 0 || isNullable(union) || !leaves.every(({ kind }) => kind === 'object'))
    return undefined;
  return leaves[0].properties.map(({ name }) => name).find(tells);

  function tells(name) {
    const values = leaves.map((leaf) => tagValues(shapes, propertyOf(leaf, name)));
    const different = new Set(values).size > 1 || current.length === 1;
    return different && !values.includes(undefined);
  }
}

function tagValues(shapes, property) {
  const shape = property?.required ? resolved(shapes, property.shape) : undefined;
  return shape?.kind === 'literals' ? shape.values.join() : undefined;
}

/** The members of a union and of the unions among them, without null. */
export function leavesOf(shapes, union) {
  return union.members
    .filter((member) => !isNull(member))
    .map((member) => resolved(shapes, member))
    .flatMap((member) => (member.kind === 'union' ? leavesOf(shapes, member) : member));
}

/**
 * The members of a union that are told apart by the one property that each has, `{ custom: … }`, without
 * those with which the schema itself leaves it open; undefined for another union.
 */
export function listedVariants(shapes, union) {
  const isOne = (member) => isVariant(resolved(shapes, member));
  if (isNullable(union) || !union.members.some(isOne)) return undefined;
  return union.members.filter(isListed);
}

const isVariant = ({ sealed, properties }) =>
  sealed && properties.length === 1 && properties[0].required;

/** Not so the members with which the schema itself leaves a union open. */
const isListed = ({ kind }) => kind !== 'map' && kind !== 'type';

/** `T | null` chooses nothing that T does not. */
const isNullable = ({ members }) => members.length === 2 && members.some(isNull);
const isNull = ({ text }) => text === 'null';

export function resolved(shapes, shape) {
  return shape.kind === 'ref' ? resolved(shapes, shapes.get(shape.name)) : shape;
}

const propertyOf = (shape, name) => shape.properties?.find((property) => property.name === name);
const isLike = (one) => (other) =>
  other !== undefined && JSON.stringify(other.shape) === JSON.stringify(one.shape);
