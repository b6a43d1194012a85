// What one version of the protocol says differently from another: the stable one lacks properties that
// the experimental one has, and all else they share.

import { mapNested, refsIn } from './model.mjs';

/** The shapes that are not the same in `base`, or that refer to such a one. */
export function differing(shapes, base) {
  const names = new Set();
  const differs = ([name, shape]) =>
    !names.has(name) &&
    (!isSame(shape, base.get(name)) || refsIn(shape).some((ref) => names.has(ref)));
  for (let found = [...shapes]; found.length > 0;) {
    found = [...shapes].filter(differs);
    for (const [name] of found) names.add(name);
  }
  return new Map([...shapes].filter(([name]) => names.has(name)));
}

/** The shapes with every reference to others than themselves going to a namespace. */
export function referringTo(namespace, shapes) {
  return new Map([...shapes].map(([name, shape]) => [name, qualified(shape)]));

  function qualified(shape) {
    if (shape.kind !== 'ref') return mapNested(shape, qualified);
    return shapes.has(shape.name) ? shape : { ...shape, name: `${namespace}.${shape.name}` };
  }
}

const isSame = (one, other) => JSON.stringify(one) === JSON.stringify(other);
