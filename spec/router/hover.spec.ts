import { beforeAll, describe, expect, test } from '@jest/globals';
import { compilers, openEditor, type Editor } from '../support/editor.js';

const head = `
  import { accept, connectManager, forThread, ofAppServer, ofAppServerRequest, ofType, toolResult, type CodexStream } from 'codex-rx';
  import { connectAppServer } from 'codex-rx/node';
  declare const stream: CodexStream;
`;

/** The calls that are used most, with the cursor; what the editor shows, and how its text begins. */
const calls = [
  [
    "connect|Manager({ url: 'http://127.0.0.1' })",
    'connectManager(options: ManagerOptions): ManagerStream',
    'Connects to the event stream of a codex-manager',
  ],
  [
    "connect|AppServer({ url: 'ws://127.0.0.1' })",
    'connectAppServer(options?: AppServerOptions): AppServerStream',
    'Connects to a `codex app-server`',
  ],
  [
    "stream.o|n(ofAppServer('turn/completed'), () => 1)",
    'CodexStream.on: AddRoute\n<Envelope<"app_server.turn.completed", AppServerPayload<"turn/completed", TurnCompletedNotification>, string, string, RequestId | null>>(',
    'Registers a handler',
  ],
  [
    "ofApp|Server('turn/completed')",
    'Matcher<Envelope<"app_server.turn.completed", AppServerPayload<"turn/completed", TurnCompletedNotification>, string, string, RequestId | null>>',
    'Matches notifications of Codex by method',
  ],
  [
    "ofAppServer|Request('item/tool/call')",
    'Matcher<Envelope<"app_server.request.item.tool.call", AppServerRequestPayload<"item/tool/call", DynamicToolCallParams>, string, string, RequestId>>',
    'Matches requests that Codex makes of its client',
  ],
  [
    "of|Type('approval')",
    'Matcher<ManagerRequestEvent<"approval", ManagerApproval>>',
    'Matches events of exactly one of these types.',
  ],
  [
    "for|Thread('t')",
    'forThread(threads_0: string, ...threads: string[]): Matcher<Envelope<string, unknown, string>>',
    'Matches events of one of these threads',
  ],
  [
    "stream.requests.ser|ve('item/tool/call', () => toolResult('done', { success: true }))",
    'handler: RequestHandler<"item/tool/call">, options?: ServeOptions<"item/tool/call"> | undefined): Subscription',
    'Answers requests as they open',
  ],
  [
    "stream.requests.serve('item/commandExecution/requestApproval', (request) => acc|ept(request))",
    'scope?: "session" | RequestContext): CommandExecutionRequestApprovalResponse',
    'Lets a command run, or a change be made.',
  ],
  [
    "tool|Result('done', { success: true })",
    'toolResult(content: string | readonly DynamicToolCallOutputContentItem[], ',
    'The result of a tool',
  ],
] as const;

describe.each(compilers)('on hover an editor with %s', (_, compiler) => {
  let editor: Editor;
  beforeAll(() => {
    const blocks = calls.map(([code]) => code);
    editor = openEditor(compiler, head, blocks);
  }, 120_000);

  test.each(calls)('shows of %s what it takes, returns and does', (code, signature, begin) => {
    const shown = editor.hover(code);
    expect(shown.signature).toContain(signature);
    expect(shown.documentation.slice(0, begin.length)).toBe(begin);
    expect(editor.complaints(code)).toEqual([]);
  });
});
