import type { Incoming, ServerRequestParams } from '../../../protocol/index.js';
import { callId, cwd, threadId, timeMs, turnId } from './ids.js';

const ofCall = { threadId, turnId, itemId: callId };

type Elicitation = Exclude<
  Incoming.McpServerElicitationRequestParams,
  { readonly mode: Incoming.Unlisted }
>;

/** How an MCP server may ask. */
export type ElicitationMode = Elicitation['mode'];

const elicitations = {
  form: {
    message: 'Your name?',
    requestedSchema: {
      type: 'object',
      properties: { name: { type: 'string', title: 'Name' } },
      required: ['name'],
    },
  },
  'openai/form': { message: 'Your name?', requestedSchema: {} },
  openaiForm: { message: 'Your name?', requestedSchema: {} },
  'openai/userVerification': { title: 'Is it you?', description: '', challenge: 'challenge-1' },
  url: { message: 'Sign in.', url: 'https://example.com/', elicitationId: 'elicitation-1' },
} satisfies Partial<Readonly<Record<ElicitationMode, object>>>;

/** The modes that have defaults. */
export const elicitationModes = Object.keys(elicitations) as readonly ElicitationMode[];

/** The elicitation of an MCP server in one mode. */
export const elicitation = (mode: ElicitationMode): Elicitation =>
  ({
    threadId,
    turnId,
    serverName: 'docs',
    mode,
    ...(elicitations as Partial<Record<ElicitationMode, object>>)[mode],
  }) as Elicitation;

/** Realistic params of server requests. */
export const requests = {
  'account/chatgptAuthTokens/refresh': { reason: 'unauthorized', previousAccountId: null },
  applyPatchApproval: {
    conversationId: threadId,
    callId,
    fileChanges: { [`${cwd}/new.txt`]: { type: 'add', content: 'Hello\n' } },
    grantRoot: null,
    reason: null,
  },
  'attestation/generate': {},
  'currentTime/read': { threadId },
  execCommandApproval: {
    conversationId: threadId,
    callId,
    command: ['ls'],
    cwd,
    parsedCmd: [],
    reason: null,
  },
  'item/commandExecution/requestApproval': {
    ...ofCall,
    kind: 'command',
    command: 'ls',
    cwd,
    reason: null,
    availableDecisions: ['accept', 'acceptForSession', 'decline', 'cancel'],
    startedAtMs: timeMs,
  },
  'item/fileChange/requestApproval': {
    ...ofCall,
    grantRoot: null,
    reason: null,
    startedAtMs: timeMs,
  },
  'item/permissions/requestApproval': {
    ...ofCall,
    cwd,
    permissions: { network: { enabled: true }, fileSystem: null },
    reason: null,
    startedAtMs: timeMs,
  },
  'item/tool/call': {
    threadId,
    turnId,
    callId,
    namespace: null,
    tool: 'get_weather',
    arguments: { city: 'Paris' },
  },
  'item/tool/requestUserInput': {
    ...ofCall,
    questions: [
      {
        id: 'color',
        header: 'Color',
        question: 'Which color?',
        isOther: true,
        isSecret: false,
        options: [
          { label: 'Red', description: 'warm' },
          { label: 'Blue', description: 'cold' },
        ],
      },
    ],
    isBlocking: true,
    autoResolutionMs: null,
  },
  'mcpServer/elicitation/request': elicitation('form'),
} satisfies Partial<ServerRequestParams>;
