import type { Incoming } from '../../../protocol/index.js';
import { callId, cwd, itemId, model, threadId, timeMs } from './ids.js';

type Item = Exclude<Incoming.ThreadItem, { readonly type: Incoming.Unlisted }>;

/** The type of an item that the protocol lists. */
export type ItemType = Item['type'];

type Given<Kind> = Kind extends Item ? Omit<Kind, 'type' | 'id'> : never;

type ByType = { readonly [Type in ItemType]: Given<Extract<Item, { type: Type }>> };

/** The items as they start. */
const started = {
  agentMessage: { text: '', phase: null },
  collabAgentToolCall: {
    tool: 'spawnAgent',
    status: 'inProgress',
    senderThreadId: threadId,
    receiverThreadIds: ['thread-2'],
    agentsStates: {},
    prompt: 'Look for typos.',
  },
  commandExecution: {
    command: 'ls',
    commandActions: [],
    cwd,
    source: 'agent',
    status: 'inProgress',
    processId: null,
    aggregatedOutput: null,
    exitCode: null,
    durationMs: null,
  },
  contextCompaction: {},
  dynamicToolCall: {
    tool: 'get_weather',
    arguments: { city: 'Paris' },
    status: 'inProgress',
    contentItems: null,
    success: null,
    durationMs: null,
  },
  enteredReviewMode: { review: 'the current changes' },
  exitedReviewMode: { review: 'It looks good.' },
  fileChange: {
    changes: [{ path: `${cwd}/new.txt`, kind: { type: 'add' }, diff: 'Hello\n' }],
    status: 'inProgress',
  },
  functionCallOutput: { name: 'get_weather', output: 'Sunny.' },
  hookPrompt: { fragments: [{ hookRunId: 'hook-1', text: 'Keep it short.' }] },
  imageGeneration: { status: 'in_progress', result: '' },
  imageView: { path: `${cwd}/image.png` },
  mcpToolCall: {
    server: 'docs',
    tool: 'search',
    arguments: { query: 'RxJS' },
    status: 'inProgress',
    result: null,
    error: null,
    durationMs: null,
  },
  plan: { text: '' },
  reasoning: { summary: [], content: [] },
  sleep: { durationMs: 1_000 },
  subAgentActivity: { agentPath: '/lead/typos', agentThreadId: 'thread-2', kind: 'started', model },
  userMessage: { content: [{ type: 'text', text: 'Say hello.', text_elements: [] }] },
  webSearch: { query: 'RxJS' },
} satisfies Partial<ByType>;

/** Their members that change with their completion. */
const results: { readonly [Type in ItemType]?: Partial<ByType[Type]> } = {
  agentMessage: { text: 'Hello world!' },
  collabAgentToolCall: { status: 'completed' },
  commandExecution: {
    status: 'completed',
    aggregatedOutput: 'README.md\n',
    exitCode: 0,
    durationMs: 12,
  },
  dynamicToolCall: {
    status: 'completed',
    contentItems: [{ type: 'inputText', text: 'Sunny.' }],
    success: true,
    durationMs: 12,
  },
  fileChange: { status: 'completed' },
  imageGeneration: { status: 'completed', result: 'aGVsbG8=' },
  mcpToolCall: {
    status: 'completed',
    result: { content: [{ type: 'text', text: 'Found.' }] },
    durationMs: 12,
  },
  plan: { text: '1. Say hello.' },
  reasoning: { summary: ['A greeting will do.'] },
  subAgentActivity: { kind: 'completed' },
};

const calls: readonly ItemType[] = [
  'commandExecution',
  'dynamicToolCall',
  'fileChange',
  'mcpToolCall',
];

/** All types of items that have defaults. */
export const itemTypes = Object.keys(started) as readonly ItemType[];

/** An item as it starts. */
export const startedItem = (type: ItemType): Incoming.ThreadItem =>
  ({
    type,
    id: calls.includes(type) ? callId : itemId,
    ...(started as Partial<ByType>)[type],
    startedAtMs: timeMs,
    completedAtMs: null,
  }) as Item;

/** The same item when it is completed. */
export const completedItem = (type: ItemType): Incoming.ThreadItem =>
  ({ ...startedItem(type), ...results[type], completedAtMs: timeMs }) as Item;
