// The names that the library knows at run time: what the server sends beyond them is newer than the types.

import { variantsOf } from './open.mjs';

/** The types whose variants are worth a report when an unknown one comes. */
export const watched = [
  'CodexErrorInfo',
  'CollabAgentToolCallStatus',
  'CommandExecutionStatus',
  'DynamicToolCallStatus',
  'McpToolCallStatus',
  'PatchApplyStatus',
  'ThreadActiveFlag',
  'ThreadItem',
  'ThreadRealtimeItem',
  'ThreadStatus',
  'TurnStatus',
];

/** A module of sets of strings. */
export function knownNames(notifications, requests, shapes) {
  const methods = (all) => setOf(all.map(({ method }) => method));
  const variants = watched.map((name) => `${name}: ${setOf(variantsOf(shapes, name))}`);
  return `
    /** The wire methods of all notifications. */
    export const knownNotifications: ReadonlySet<string> = ${methods(notifications)};

    /** The wire methods of all server requests. */
    export const knownServerRequests: ReadonlySet<string> = ${methods(requests)};

    /** The types of \`Incoming\` in \`knownVariants\`. */
    export type WatchedType = ${watched.map((name) => `'${name}'`).join(' | ')};

    /**
     * The values of an enum, the tags (\`type\`) of a tagged union, and for \`CodexErrorInfo\` its
     * strings and the one property of each of its objects; by the name of the type in \`Incoming\`.
     */
    export const knownVariants: Readonly<Record<WatchedType, ReadonlySet<string>>> = {
      ${variants.join(',\n')},
    };
  `;
}

const setOf = (names) =>
  `/* @__PURE__ */ new Set([${names.map((name) => `'${name}'`).join(', ')}])`;
