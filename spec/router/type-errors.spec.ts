import { beforeAll, describe, expect, test } from '@jest/globals';
import { compilers, openEditor, type Editor } from '../support/editor.js';

const head = `
  import { accept, createRouter, decline, forThread, grantPermissions, ofAppServer, ofAppServerRequest, ofType, toolResult, type CodexStream, type Envelope, type ServerRequest } from 'codex-rx';
  import { bufferTime, map } from 'rxjs';
  declare const stream: CodexStream;
  declare const request: ServerRequest;
  const router = createRouter();
`;

/** Calls that are wrong in one place, and the only line that is said of them. */
const inOneLine = [
  [
    "router.on(ofAppServer('item/agentMessage/delta'), (event) => event.payload.params.text)",
    "Property 'text' does not exist on type 'AgentMessageDeltaNotification'.",
  ],
  [
    "router.on(ofAppServer('item/agentMessage/delta'), bufferTime(50), (events) => events[0]?.payload.params.text)",
    "Property 'text' does not exist on type 'AgentMessageDeltaNotification'.",
  ],
  [
    "router.on(forThread('t'), ofAppServer('turn/completed'), (event) => event.payload.params.status)",
    "Property 'status' does not exist on type 'TurnCompletedNotification'.",
  ],
  [
    "router.on(ofAppServer('item/started'), () => 1, { key: (event) => event.payload.params.itemId })",
    "Property 'itemId' does not exist on type 'ItemStartedNotification'. Did you mean 'item'?",
  ],
  [
    "router.on(ofType('a'), map((event) => event.payload.text), () => 1)",
    "'event.payload' is of type 'unknown'.",
  ],
  ["router.on(ofType('a'))", 'Expected 2-7 arguments, but got 1.'],
  [
    "router.on(ofType('a'), 'save')",
    "Argument of type 'string' is not assignable to parameter of type 'Handler<unknown>'.",
  ],
  [
    "ofAppServer('turn/complete')",
    `Argument of type '"turn/complete"' is not assignable to parameter of type '"turn/completed" | "turn/diff/updated" | "turn/moderationMetadata" | "turn/plan/updated" | "turn/started"'.`,
  ],
  [
    "router.on(ofAppServer('turn/complete'), () => 1)",
    `Argument of type '"turn/complete"' is not assignable to parameter of type '"turn/completed" | "turn/diff/updated" | "turn/moderationMetadata" | "turn/plan/updated" | "turn/started"'.`,
  ],
  [
    "ofAppServerRequest('item/tool/cal')",
    `Argument of type '"item/tool/cal"' is not assignable to parameter of type '"item/commandExecution/requestApproval" | "item/fileChange/requestApproval" | "item/permissions/requestApproval" | "item/tool/call" | "item/tool/requestUserInput"'.`,
  ],
  ['accept()', 'Expected 1-2 arguments, but got 0.'],
  [
    "stream.requests.serve('item/commandExecution/requestApproval', (request) => accept(request, 'for ever'))",
    `Argument of type '"for ever"' is not assignable to parameter of type '"session" | RequestContext | undefined'.`,
  ],
  [
    'toolResult(1, { success: true })',
    "Argument of type 'number' is not assignable to parameter of type 'string | readonly DynamicToolCallOutputContentItem[]'.",
  ],
] as const;

/** Calls of which more is said: the line that says what is wrong, and how many there are. */
const inSeveral = [
  [
    "router.on(ofType('a'), (event: Envelope<'b'>) => event)",
    `Type '"a"' is not assignable to type '"b"'.`,
    [7, 4],
  ],
  [
    "router.on(ofType('a'), forThread('t'))",
    "is missing the following properties from type 'Observable<Envelope>': source, operator, lift, subscribe, and 3 more.",
    [3, 3],
  ],
  [
    "router.on([ofType('a')], () => 1)",
    "provides no match for the signature '(source: Observable<Envelope>): Observable<unknown>'.",
    [2, 2],
  ],
  [
    "router.on(ofType('a'), () => 1, { strategy: 'latest' })",
    `Type '"latest"' is not assignable to type 'Strategy | undefined'.`,
    [5, 5],
  ],
  [
    "router.on(ofType('a'), () => 1, { concurency: 2 })",
    "'concurency' does not exist in type 'RouteOptions<unknown>'. Did you mean to write 'concurrency'?",
    [5, 5],
  ],
  [
    'router.on(map((text: string) => text), () => 1)',
    "Type 'Envelope' is not assignable to type 'string'.",
    [7, 2],
  ],
  [
    "stream.requests.serve('item/tool/call', () => ({ decision: 'accept' }))",
    `Type '{ decision: "accept"; }' is not assignable to type`,
    [20, 20],
  ],
  [
    "stream.requests.serve('item/tool/call', () => undefined, { timeOut: 1 })",
    "Did you mean to write 'timeout'?",
    [20, 20],
  ],
  ['accept(request)', 'is not assignable to parameter of type', [20, 20]],
  [
    "stream.requests.serve('item/tool/call', (request) => accept(request))",
    `Type '"item/tool/call"' is not assignable to type`,
    [20, 20],
  ],
  [
    "stream.requests.serve('account/chatgptAuthTokens/refresh', (request) => decline(request))",
    `Type '"account/chatgptAuthTokens/refresh"' is not assignable to type`,
    [20, 20],
  ],
  [
    "stream.requests.serve('item/fileChange/requestApproval', (request) => grantPermissions(request, {}))",
    `Type '"item/fileChange/requestApproval"' is not assignable to type '"item/permissions/requestApproval"'.`,
    [20, 20],
  ],
] as const;

const blocks = [...inOneLine, ...inSeveral].map(([code]) => code);

/** An envelope of which nothing is known is shown with all that is not known. */
const short = (message: string): string =>
  message.replaceAll(
    'Envelope<string, unknown, string | null, string | null, RequestId | null>',
    'Envelope',
  );

describe.each(compilers)('%s', (name, compiler) => {
  let editor: Editor;
  beforeAll(() => {
    editor = openEditor(compiler, head, blocks);
  }, 120_000);

  test.each(inOneLine)('says one line of %s', (code, message) => {
    expect(editor.complaints(code)).toEqual([message]);
  });

  test.each(inSeveral)('says what is wrong with %s, in few lines', (code, message, most) => {
    const said = editor.complaints(code).map(short);
    const lines = said.join('\n').split('\n');
    expect(said.join('\n')).toContain(message);
    expect(lines.length).toBeLessThanOrEqual(most[name.endsWith('6.0') ? 0 : 1]);
  });
});
