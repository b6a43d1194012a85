// A protocol: its methods, and the shapes of what they carry.
//
//   { notifications, requests, calls, sent, shapes }
//
// A method is { method, params, optional, since, until }: `params` is the name of a shape or undefined,
// `optional` says that they may be left out. A server request has an `answer` too, and a call of the
// client a `result`: undefined where the schema does not say which.

import { resultsOf } from './results.mjs';
import { answerOf, methodsOf, nameOf } from './schema.mjs';
import { shapesOf } from './shape.mjs';

/** The lists of methods, each with the members that name shapes. */
export const methodLists = {
  notifications: ['params'],
  requests: ['params', 'answer'],
  calls: ['params', 'result'],
  sent: ['params'],
};

/** The protocol that a schema describes. */
export function modelOf(schemas) {
  const results = resultsOf(schemas, methodsOf(schemas, 'ClientRequest'));
  const paths = {
    notifications: methodsOf(schemas, 'ServerNotification'),
    requests: methodsOf(schemas, 'ServerRequest').map((one) => ({
      ...one,
      answer: answerOf(schemas, one),
    })),
    calls: results.methods,
    sent: methodsOf(schemas, 'ClientNotification'),
  };
  const shapes = shapesOf(schemas, pathsOf(paths));
  const named = Object.entries(methodLists).map(([list, members]) => [
    list,
    paths[list].map((one) => ({
      ...one,
      ...Object.fromEntries(
        members.map((member) => [member, one[member] && nameOf(schemas, one[member])]),
      ),
    })),
  ]);
  return { ...Object.fromEntries(named), shapes, notes: results.notes };
}

const pathsOf = (lists) =>
  Object.entries(methodLists).flatMap(([list, members]) =>
    members.flatMap((member) => shapeNames(lists[list], member)),
  );

/** What a member of the methods names. */
export const shapeNames = (methods, member) => methods.flatMap((one) => one[member] ?? []);

/** The shapes of these names, and all that they refer to. */
export function reachable(shapes, names) {
  const found = new Set();
  const visit = (name) => {
    if (found.has(name)) return;
    found.add(name);
    for (const ref of refsIn(shapes.get(name))) visit(ref);
  };
  names.forEach(visit);
  return new Map([...shapes].filter(([name]) => found.has(name)));
}

/** A shape with its nested shapes changed. */
export function mapNested(shape, change) {
  const { of, rest, properties, members } = shape;
  return {
    ...shape,
    ...(of && { of: change(of) }),
    ...(rest && { rest: change(rest) }),
    ...(properties && {
      properties: properties.map((one) => ({ ...one, shape: change(one.shape) })),
    }),
    ...(members && { members: members.map(change) }),
  };
}

/** The names that a shape refers to. */
export function refsIn(shape) {
  const refs = [];
  const visit = (one) => {
    if (one.kind === 'ref') refs.push(one.name);
    return mapNested(one, visit);
  };
  visit(shape);
  return refs;
}
