// What the library knows of the shapes of messages at run time, for `drift: true`.

import { shapeNames } from './model.mjs';
import { leavesOf, listedVariants, resolved, tagOf } from './open.mjs';

/**
 * A module of all shapes that a server sends, as they are before they are opened, and of the shape that
 * each method carries.
 */
export function shapesModule({ notifications, requests, calls }, shapes) {
  const names = (methods, member) =>
    JSON.stringify(Object.fromEntries(methods.map((one) => [one.method, one[member] ?? null])));
  const rows = [...shapes].map(
    ([name, shape]) => `${name}: ${JSON.stringify(packed(shapes, shape))},`,
  );
  const lowercase = shapeNames(calls, 'result').find((name) => !/^[A-Z]/.test(name));
  if (lowercase) throw new Error(`The shape ${lowercase} would be taken for a scalar.`);
  return `
    import type { Shape } from './shape.js';

    /** Every shape of what a server sends, by its name in \`Incoming\`. */
    // prettier-ignore
    export const shapes: Readonly<Record<string, Shape>> = {
${rows.join('\n')}
};

    type Names = Readonly<Record<string, string | null>>;

    /** The shapes of the params of notifications. */
    export const notificationShapes: Names = ${names(notifications, 'params')};

    /** The shapes of the params of server requests. */
    export const requestShapes: Names = ${names(requests, 'params')};

    /** The shapes of the results of calls. */
    export const resultShapes: Names = ${names(calls, 'result')};
  `;
}

/** A shape as lib/app-server/shape.ts describes it. */
function packed(shapes, shape) {
  const pack = (one) => packed(shapes, one);
  switch (shape.kind) {
    case 'type':
      return shape.text;
    case 'ref':
      return shape.name;
    case 'literals':
      return { one: shape.values };
    case 'list':
      return { list: pack(shape.of) };
    case 'map':
      return { map: pack(shape.of) };
    case 'union':
      return (
        tagged(shapes, shape, pack) ?? {
          any: (listedVariants(shapes, shape) ?? shape.members).map(pack),
        }
      );
    case 'object':
      return {
        has: Object.fromEntries(
          shape.properties.map(({ name, shape: of, required }) => [
            `${name}${required ? '' : '?'}`,
            pack(of),
          ]),
        ),
      };
  }
}

/** A union by its tag, or undefined if it has none. */
function tagged(shapes, union, pack) {
  const tag = tagOf(shapes, union);
  if (tag === undefined) return undefined;
  const by = {};
  const bare = [];
  for (const member of union.members) {
    const leaves = leavesOf(shapes, { members: [member] });
    for (const leaf of leaves) {
      const property = leaf.properties.find(({ name }) => name === tag);
      if (property === undefined) bare.push(pack(leaf));
      // A name says more than what it stands for.
      const own = leaves.length === 1 ? member : leaf;
      for (const value of property ? resolved(shapes, property.shape).values : []) {
        (by[value] ??= []).push(pack(own));
      }
    }
  }
  const one = (all) => (all.length === 1 ? all[0] : { any: all });
  return {
    tag,
    by: Object.fromEntries(Object.entries(by).map(([value, all]) => [value, one(all)])),
    ...(bare.length > 0 && { bare: one(bare) }),
  };
}
