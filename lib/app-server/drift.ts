import type { AppServerPayload } from '../envelope/index.js';
import {
  knownNotifications,
  knownServerRequests,
  knownVariants,
  type WatchedType,
} from './known-methods.js';

/**
 * What a server said that the protocol of this version does not list, and how often. It was passed
 * on; the types do not know it.
 */
export interface ProtocolDrift {
  /** Methods of notifications. */
  readonly notifications: Readonly<Record<string, number>>;
  /** Methods of server requests. */
  readonly requests: Readonly<Record<string, number>>;
  /** Members of enums and unions: `ThreadItem: newKind`. */
  readonly variants: Readonly<Record<string, number>>;
  /** All of it in one line; empty if there was none. */
  readonly summary: string;
}

export interface DriftReport {
  observe(payload: AppServerPayload): void;
  read(): ProtocolDrift;
}

/** How many different names are counted: a server may invent them without end. */
const bound = 1_000;

export function createDriftReport(): DriftReport {
  const notifications = new Map<string, number>();
  const requests = new Map<string, number>();
  const variants = new Map<string, number>();

  function count(counts: Map<string, number>, name: string): void {
    const before = counts.get(name);
    if (before !== undefined || counts.size < bound) counts.set(name, (before ?? 0) + 1);
  }

  function check(type: WatchedType | undefined, variant: unknown): void {
    if (type === undefined || typeof variant !== 'string') return;
    if (!knownVariants[type].has(variant)) count(variants, `${type}: ${variant}`);
  }

  /** Looks at the members of enums and unions where clients look at them. */
  function watch(method: string, params: Loose | null): void {
    const item = params?.['item'];
    const turn = params?.['turn'];
    check(itemType(method), item?.['type']);
    check(statusOf.get(item?.['type']), item?.['status']);
    check('TurnStatus', turn?.['status']);
    check('ThreadStatus', params?.['status']?.['type']);
    const error = params?.['error'] ?? turn?.['error'];
    const info = error?.['codexErrorInfo'];
    check('CodexErrorInfo', info);
    if (typeof info !== 'object' || info === null) return;
    for (const name of Object.keys(info)) check('CodexErrorInfo', name);
  }

  return {
    observe({ signalType, method, params }) {
      if (signalType === 'request') {
        if (!knownServerRequests.has(method)) count(requests, method);
      } else if (!knownNotifications.has(method)) count(notifications, method);
      watch(method, params as Loose | null);
    },
    read() {
      const summary = [
        ...[...notifications].map(([name, times]) => `notification ${name} (${times})`),
        ...[...requests].map(([name, times]) => `request ${name} (${times})`),
        ...[...variants].map(([name, times]) => `${name} (${times})`),
      ].join(', ');
      return {
        notifications: Object.fromEntries(notifications),
        requests: Object.fromEntries(requests),
        variants: Object.fromEntries(variants),
        summary,
      };
    },
  };
}

/** The type of an item, by the method that carries it. */
function itemType(method: string): WatchedType | undefined {
  if (method.startsWith('item/')) return 'ThreadItem';
  return method.startsWith('thread/realtime/item/') ? 'ThreadRealtimeItem' : undefined;
}

/** Params read as if every path existed. */
interface Loose {
  readonly [key: string]: Loose | null | undefined;
}

/** The kinds of item whose status has its own enum. */
const statusOf: ReadonlyMap<unknown, WatchedType> = /* @__PURE__ */ new Map([
  ['commandExecution', 'CommandExecutionStatus'],
  ['fileChange', 'PatchApplyStatus'],
  ['mcpToolCall', 'McpToolCallStatus'],
  ['dynamicToolCall', 'DynamicToolCallStatus'],
  ['collabAgentToolCall', 'CollabAgentToolCallStatus'],
]);
