import { knownVariants, type WatchedType } from './known-methods.js';

/** Looks at the members of enums and unions where clients look at them, for unknown ones. */
export function createVariantCheck(
  report: (type: WatchedType, variant: string) => void,
): (method: string, params: unknown, isRequest: boolean) => void {
  function check(type: WatchedType | undefined, variant: unknown): void {
    if (type === undefined || typeof variant !== 'string') return;
    if (!knownVariants[type].has(variant)) report(type, variant);
  }

  return (method, given) => {
    const params = given as Loose | null;
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
