// The params that the builders of codex-rx/testing have for methods of which nobody wrote realistic ones: the
// smallest that the schema allows.

import { build } from 'esbuild';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../../lib/testing/builders/defaults/', import.meta.url));
const { outputFiles } = await build({
  stdin: {
    contents: `
      export { machine } from './machine.ts';
      export { threads } from './threads.ts';
      export { turns } from './turns.ts';
      export { requests } from './requests.ts';
      export * as ids from './ids.ts';`,
    resolveDir: folder,
  },
  bundle: true,
  format: 'esm',
  write: false,
});
const { machine, threads, turns, requests, ids } = await import(
  `data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`
);

/** A module of the params of these methods. */
export function defaultsFile(model, shapes, version) {
  const notifications = without({ ...machine, ...threads, ...turns }, model.notifications);
  return `
    import type { NotificationParams, ServerRequestParams } from '../../../protocol/index.js';

    /** The codex that the types are of. */
    export const codexVersion = '${version}';

    /** The smallest params of notifications that have no others. */
    export const smallestNotifications = ${table(notifications)} satisfies Partial<NotificationParams>;

    /** The smallest params of server requests that have no others. */
    export const smallestRequests = ${table(without(requests, model.requests))} satisfies Partial<ServerRequestParams>;
  `;

  function table(methods) {
    const rows = methods.map(({ method, params }) => [
      method,
      params === undefined ? null : smallest({ kind: 'ref', name: params }),
    ]);
    return JSON.stringify(Object.fromEntries(rows));
  }

  function smallest(shape, name) {
    switch (shape.kind) {
      case 'ref':
        return smallest(shapes.get(shape.name), name);
      case 'literals':
        return shape.values[0];
      case 'list':
        return [];
      case 'object':
        return Object.fromEntries(
          shape.properties
            .filter(({ required }) => required)
            .map((one) => [one.name, smallest(one.shape, one.name)]),
        );
      case 'union':
        return shape.members.some(({ text }) => text === 'null')
          ? null
          : smallest(shape.members[0], name);
      case 'type':
        return scalar(shape.text, name);
      default:
        return {};
    }
  }
}

function scalar(text, name) {
  if (text === 'string') return ids[name] ?? 'text';
  return { number: 0, boolean: false, unknown: {} }[text] ?? null;
}

const without = (known, methods) => methods.filter(({ method }) => !Object.hasOwn(known, method));
