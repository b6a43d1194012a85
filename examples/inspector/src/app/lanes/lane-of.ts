import type { Envelope } from 'codex-rx';

/** One for each kind of item, from top to bottom. */
export const laneNames = [
  'turn',
  'message',
  'reasoning',
  'plan',
  'command',
  'file',
  'tool',
  'request',
  'other',
] as const;
export type Lane = (typeof laneNames)[number];

/** What a mark looks like: the shape says it without the colour. */
export type Shape = 'start' | 'end' | 'run' | 'request' | 'error' | 'note';

/** Where an event stands, and how it looks. */
export function placeOf({ type, payload }: Envelope): readonly [Lane, Shape] {
  if (type.startsWith('app_server.request.')) return ['request', 'request'];
  if (!type.startsWith('app_server.')) return ['other', 'note'];
  const name = type.slice('app_server.'.length);
  if (name === 'error') return ['turn', 'error'];
  if (name === 'turn.started') return ['turn', 'start'];
  if (name === 'turn.completed') return ['turn', 'end'];
  if (name.startsWith('turn.')) return [name.startsWith('turn.plan') ? 'plan' : 'turn', 'note'];
  if (name === 'server_request.resolved') return ['request', 'end'];
  if (name === 'item.started' || name === 'item.completed') {
    const { params } = Object(payload) as { params?: { item?: { type?: unknown } } };
    return [laneOfItem(params?.item?.type), name === 'item.started' ? 'start' : 'end'];
  }
  if (name.startsWith('item.')) return [laneOfPart(name), 'run'];
  return ['other', 'note'];
}

function laneOfItem(kind: unknown): Lane {
  switch (kind) {
    case 'agentMessage':
    case 'userMessage':
      return 'message';
    case 'reasoning':
    case 'plan':
      return kind;
    case 'commandExecution':
      return 'command';
    case 'fileChange':
      return 'file';
    case 'mcpToolCall':
    case 'dynamicToolCall':
    case 'collabAgentToolCall':
      return 'tool';
    default:
      return 'other';
  }
}

function laneOfPart(name: string): Lane {
  if (name.startsWith('item.agent_message')) return 'message';
  if (name.startsWith('item.reasoning')) return 'reasoning';
  if (name.startsWith('item.plan')) return 'plan';
  if (name.startsWith('item.command_execution')) return 'command';
  if (name.startsWith('item.file_change')) return 'file';
  return name.startsWith('item.mcp_tool_call') ? 'tool' : 'other';
}
