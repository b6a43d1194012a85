/**
 * The shape of a JSON value, as the protocol's schema has it:
 *
 * - the name of a type: `string`, `number`, `boolean`, `null`, `unknown`, or one that is looked up;
 * - `one`: one of these values;
 * - `list`, `map`: the shape of each of its values;
 * - `has`: an object with these properties; one whose name ends with `?` may be left out;
 * - `any`: one of these shapes;
 * - `tag`, `by`: an object of the shape that the value of its tag names; one without a tag has the
 *   shape `bare`, which is that of older versions.
 */
export type Shape =
  | string
  | { readonly one: readonly (string | number)[] }
  | { readonly list: Shape }
  | { readonly map: Shape }
  | { readonly has: Properties }
  | { readonly any: readonly Shape[] }
  | { readonly tag: string; readonly by: Properties; readonly bare?: Shape };

type Properties = Readonly<Record<string, Shape>>;
type Members = Readonly<Record<string, unknown>>;

/**
 * Where a value differs from its shape. A place is a type and a path in it, through lists and maps:
 * `Turn.error.code`, `Turn.items[]`, `Config.tools{}`.
 */
export interface Differences {
  /** An enum has a value, or the tag of a union, that the schema does not list. */
  readonly variant: (place: string, value: string) => void;
  /** A required property is not there. */
  readonly missing: (place: string) => void;
  /** A value is of another kind: `found`. */
  readonly changed: (place: string, found: string) => void;
}

/** How deep a value is looked into. The protocol's own are some twenty deep. */
const maxDepth = 64;

/** Compares values with types, and reports what differs. */
export function createShapeCheck(
  shapes: Properties,
  { variant, missing, changed }: Differences,
): (value: unknown, type: string) => void {
  const named = (shape: Shape): Shape | undefined =>
    typeof shape === 'string' && Object.hasOwn(shapes, shape) ? shapes[shape] : undefined;

  function check(value: unknown, shape: Shape, place: string, depth: number): void {
    if (depth > maxDepth) return;
    const target = named(shape);
    const kind = kindOf(value);
    if (target !== undefined) check(value, target, shape as string, depth + 1);
    else if (typeof shape === 'string') {
      const isNumber = shape === 'number' && isLongInteger(value);
      if (shape !== 'unknown' && shape !== kind && !isNumber) changed(place, kind);
    } else if ('one' in shape) {
      if (typeof shape.one[0] !== kind) changed(place, kind);
      else if (!shape.one.includes(value as string)) variant(place, String(value));
    } else if ('any' in shape) checkAny(value, shape.any, place, depth);
    else if (kind !== ('list' in shape ? 'list' : 'object')) changed(place, kind);
    else if ('list' in shape) {
      for (const one of value as unknown[]) check(one, shape.list, `${place}[]`, depth + 1);
    } else if ('map' in shape) {
      for (const one of Object.values(value as Members))
        check(one, shape.map, `${place}{}`, depth + 1);
    } else if ('tag' in shape) checkTagged(value as Members, shape, place, depth);
    else checkMembers(value as Members, shape.has, place, depth);
  }

  function checkMembers(value: Members, has: Properties, place: string, depth: number): void {
    for (const [key, shape] of Object.entries(has)) {
      const isOptional = key.endsWith('?');
      const name = isOptional ? key.slice(0, -1) : key;
      if (Object.hasOwn(value, name)) check(value[name], shape, `${place}.${name}`, depth + 1);
      else if (!isOptional) missing(`${place}.${name}`);
    }
  }

  function checkTagged(
    value: Members,
    { tag, by, bare }: { tag: string; by: Properties; bare?: Shape },
    place: string,
    depth: number,
  ): void {
    const given = value[tag];
    if (typeof given === 'string' && Object.hasOwn(by, given)) {
      check(value, by[given] as Shape, place, depth + 1);
    } else if (typeof given === 'string') variant(place, given);
    else if (bare !== undefined && given === undefined) check(value, bare, place, depth + 1);
    else if (given === undefined) missing(`${place}.${tag}`);
    else changed(`${place}.${tag}`, kindOf(given));
  }

  /** Looks into one shape only: to try all of them, and theirs, would have no bound. */
  function checkAny(value: unknown, any: readonly Shape[], place: string, depth: number): void {
    const kind = kindOf(value);
    const [only, ...others] = any.filter((shape) => shape !== 'null');
    if (only !== undefined && others.length === 0) {
      const isAllowed = kind === 'null' && any.length > 1;
      if (!isAllowed) check(value, only, place, depth + 1);
      return;
    }
    const all = any.flatMap(alternatives);
    const fitting = all.filter((shape) => kindIn(named(shape) ?? shape).includes(kind));
    const values = fitting.flatMap((shape) =>
      typeof shape === 'object' && 'one' in shape ? shape.one : [],
    );
    if (fitting.length === 0) changed(place, kind);
    else if (values.length > 0 && !fitting.includes(kind)) {
      if (!values.includes(value as string)) variant(place, String(value));
    } else if (kind === 'object') {
      const [best] = [...fitting].sort((a, b) => lackedBy(value, a) - lackedBy(value, b));
      const names = Object.keys(value as Members);
      const isVariant = fitting.every((shape) => requiredIn(shape).length === 1);
      if (isVariant && names.length === 1 && lackedBy(value, best as Shape) > 0) {
        variant(place, String(names[0]));
      } else check(value, best as Shape, place, depth + 1);
    } else check(value, fitting[0] as Shape, place, depth + 1);
  }

  /** A shape without the names of unions, enums and scalars in it. */
  function alternatives(shape: Shape): readonly Shape[] {
    const target = named(shape);
    if (target === undefined) {
      return typeof shape === 'object' && 'any' in shape
        ? shape.any.flatMap(alternatives)
        : [shape];
    }
    const isName = typeof target === 'object' && !('any' in target) && !('one' in target);
    return isName ? [shape] : alternatives(target);
  }

  function requiredIn(shape: Shape): readonly string[] {
    const target = named(shape) ?? shape;
    const has = typeof target === 'object' && 'has' in target ? target.has : {};
    return Object.keys(has).filter((key) => !key.endsWith('?'));
  }

  const lackedBy = (value: unknown, shape: Shape): number =>
    requiredIn(shape).filter((key) => !Object.hasOwn(value as Members, key)).length;

  return (value, type) => {
    check(value, type, type, 0);
  };
}

/** Integers beyond 2 ** 53 are read as text, so that they stay exact. */
const isLongInteger = (value: unknown): boolean =>
  typeof value === 'string' && /^-?\d{16,}$/.test(value);

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'list' : typeof value;
}

/** The kinds of values that a shape without alternatives may be of. */
function kindIn(shape: Shape): string {
  if (typeof shape === 'string') {
    return shape === 'unknown' ? 'null list object string number boolean' : shape;
  }
  if ('one' in shape) return typeof shape.one[0];
  return 'list' in shape ? 'list' : 'object';
}
