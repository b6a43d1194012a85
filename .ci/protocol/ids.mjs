// Which ids the params of a method always carry: those that the library finds in the smallest params
// that the schema allows.

import { findThreadId, findTurnId } from './envelope.mjs';

const finders = { threadId: findThreadId, turnId: findTurnId };

/** The names of these ids, for params of a named shape. */
export function idsOf(shapes, name) {
  const shape = shapes.get(name);
  const members = shape.kind === 'union' ? shape.members : [shape];
  const payloads = members.map((member) => ({ params: smallest(shapes, member) }));
  return Object.keys(finders).filter((id) => payloads.every((payload) => finders[id](payload)));
}

/** An object with its required properties; strings in it are not empty, and all else is null. */
function smallest(shapes, { kind, text, name, properties }) {
  if (kind === 'ref') return smallest(shapes, shapes.get(name));
  if (kind !== 'object') return text === 'string' ? 'id' : null;
  const required = properties.filter((property) => property.required);
  return Object.fromEntries(required.map((one) => [one.name, smallest(shapes, one.shape)]));
}
