import { beforeAll, describe, expect, test } from '@jest/globals';
import { compilers, openEditor, type Editor } from '../support/editor.js';

const head = `
  import { createRouter, forThread, notificationType, ofAppServer, ofAppServerRequest, ofType, requestType, type CodexStream, type Envelope } from 'codex-rx';
  import type { Observable } from 'rxjs';
  declare const events$: Observable<Envelope>;
  declare const method: string;
  declare const serve: CodexStream['requests']['serve'];
  const router = createRouter();
`;

const notifications = [
  "ofAppServer('|')",
  "ofAppServer('item|')",
  "ofAppServer('turn/started', '|')",
  "router.on(ofAppServer('|'), () => {})",
  "router.on(forThread('t'), ofAppServer('|'), () => {})",
  "events$.pipe(ofAppServer('|'))",
];
const requests = [
  "ofAppServerRequest('|')",
  "router.on(ofAppServerRequest('item/tool/call', '|'), () => {})",
  "events$.pipe(ofAppServerRequest('|'))",
  "serve('|', () => undefined)",
  "serve(['item/tool/call', '|'], () => undefined)",
];
const types = [
  "ofType('|')",
  "router.on(ofType('approval', '|'), () => {})",
  "events$.pipe(ofType('|'))",
];
const params = [
  "events$.pipe(ofAppServer('item.agent_message.delta')).subscribe((e) => e.payload.params.|)",
  "router.on(ofAppServer('item/agentMessage/delta'), (e) => e.payload.params.|)",
];

const right = [
  "ofAppServer('item/started'); ofAppServer('item.started', 'codex/event/invented'); ofAppServer()",
  "ofAppServerRequest('item/tool/call', 'item.tool.call'); ofAppServerRequest()",
  "ofType('approval', 'app_server.item.started')",
  "serve('item/tool/call', ({ params }) => void params.tool); serve('item.tool.call', ({ params }) => void params.tool)",
  "serve(['item/tool/call', 'exec_command_approval'], () => undefined); serve(ofType(requestType(method)), () => undefined)",
  "const method = 'item/started' as string; ofType(notificationType(method)); ofType(requestType(method), method)",
];

const wrong = [
  [
    "ofAppServer('app_server.item.started')",
    `'app_server.item.started' is an event type, not a method: use ofType('app_server.item.started') or ofAppServer('item.started')`,
  ],
  [
    "ofAppServer('item/started', 'app_server.item.completed')",
    `'app_server.item.completed' is an event type, not a method: use ofType('app_server.item.completed') or ofAppServer('item.completed')`,
  ],
  [
    "ofAppServer('app_server.request.item.tool.call')",
    `'app_server.request.item.tool.call' is the event type of a server request: use ofType('app_server.request.item.tool.call') or ofAppServerRequest('item.tool.call')`,
  ],
  [
    "ofAppServer('item/tool/call')",
    `'item/tool/call' is a server request: use ofAppServerRequest('item/tool/call')`,
  ],
  [
    "ofAppServer('item.tool.call')",
    `'item.tool.call' is a server request: use ofAppServerRequest('item.tool.call')`,
  ],
  [
    "ofAppServerRequest('app_server.request.item.tool.call')",
    `'app_server.request.item.tool.call' is an event type, not a method: use ofType('app_server.request.item.tool.call') or ofAppServerRequest('item.tool.call')`,
  ],
  [
    "ofAppServerRequest('app_server.item.started')",
    `'app_server.item.started' is the event type of a notification: use ofType('app_server.item.started')`,
  ],
  [
    "ofAppServerRequest('item/started')",
    `'item/started' is a notification: use ofAppServer('item/started')`,
  ],
  [
    "router.on(ofAppServer('item/tool/call'), () => {})",
    `'item/tool/call' is a server request: use ofAppServerRequest('item/tool/call')`,
  ],
  [
    "serve('item/started', () => undefined)",
    `'item/started' is a notification: use ofAppServer('item/started')`,
  ],
  ['serve(method, () => undefined)', 'A method in a variable: use ofType(requestType(method))'],
  ['ofAppServer(method)', 'A method in a variable: use ofType(notificationType(method))'],
  ['ofAppServerRequest(method)', 'A method in a variable: use ofType(requestType(method))'],
] as const;

/** Methods with a typing error, and what the error lists: the methods of the same family. */
const mistyped = [
  ["ofAppServer('turn/complete')", ['turn/completed', 'turn/started']],
  ["ofAppServer('turn.complete')", ['turn.completed', 'turn.started']],
  ["router.on(ofAppServer('thread/name/update'), () => {})", ['thread/archived']],
  ["ofAppServerRequest('item/tool/cal')", ['item/tool/call', 'item/tool/requestUserInput']],
  ["serve('item/tool/cal', () => undefined)", ['item/tool/call', 'item/tool/requestUserInput']],
  ["serve(['item/tool/cal'], () => undefined)", ['item/tool/call', 'item/tool/requestUserInput']],
] as const;

const blocks = [
  ...notifications,
  ...requests,
  ...types,
  ...params,
  ...right,
  ...wrong.map(([code]) => code),
  ...mistyped.map(([code]) => code),
];

describe.each(compilers)('with %s', (_, compiler) => {
  let editor: Editor;
  beforeAll(() => {
    editor = openEditor(compiler, head, blocks);
  }, 120_000);

  describe('an editor', () => {
    test.each(notifications)('offers both spellings of every notification in %s', (code) => {
      const names = editor.offered(code);
      expect(names).toEqual(expect.arrayContaining(['item/started', 'item.started', 'error']));
      expect(names).toEqual(
        expect.arrayContaining(['item/agentMessage/delta', 'item.agent_message.delta']),
      );
      expect(names).not.toContain('item/tool/call');
    });

    test.each(requests)('offers both spellings of every server request in %s', (code) => {
      const names = editor.offered(code);
      expect(names).toEqual(expect.arrayContaining(['item/tool/call', 'item.tool.call']));
      expect(names).not.toContain('item/started');
    });

    test.each(types)('offers every listed event type in %s', (code) => {
      const names = editor.offered(code);
      expect(names).toContain('app_server.item.started');
      expect(names).toContain('app_server.request.item.tool.call');
      expect(names).toContain('transcript_updated');
      expect(names).not.toContain('item/started');
    });

    test.each(params)('offers the params of the event that was matched in %s', (code) => {
      expect(editor.offered(code)).toEqual(expect.arrayContaining(['delta', 'itemId']));
    });
  });

  describe('the compiler', () => {
    test.each(right)('has nothing to say of %s', (code) => {
      expect(editor.complaints(code)).toEqual([]);
    });

    test.each(wrong)('says of %s what is wrong and what to write', (code, message) => {
      const said = editor.complaints(code);
      expect(said).toHaveLength(1);
      expect(said[0]).toContain(`parameter of type '"${message}"'`);
    });

    test.each(mistyped)('lists the methods of the same family for %s', (code, methods) => {
      const said = editor.complaints(code);
      expect(said).toHaveLength(1);
      for (const method of methods) expect(said[0]).toContain(`"${method}"`);
      expect(said[0]).not.toContain('"error"');
    });
  });
});
