import { describe, expect, test } from '@jest/globals';
import {
  accept,
  answerElicitation,
  answerQuestions,
  approvals,
  cancel,
  decline,
  grantPermissions,
  isRequest,
  type ServerRequest,
} from 'codex-rx';
import { checkAnswer } from '../../lib/requests/index.js';
import { readRequest, withMembers } from '../../lib/requests/server-request.js';
import { ask, stage } from './stage.js';

const request = (method: string, params: object = {}) =>
  withMembers(readRequest(ask(method, 0, params), 0, 'key', 0));

const item = 'item/commandExecution/requestApproval';

describe('builders speak the protocol of the request', () => {
  test.each([
    [item, 'accept', 'acceptForSession', 'decline', 'cancel'],
    ['item/fileChange/requestApproval', 'accept', 'acceptForSession', 'decline', 'cancel'],
    ['execCommandApproval', 'approved', 'approved_for_session', 'denied', 'abort'],
    ['applyPatchApproval', 'approved', 'approved_for_session', 'denied', 'abort'],
  ])('%s', (method, ...expected) => {
    const approval = request(method) as ServerRequest<typeof item>;
    const built = [
      accept(approval),
      accept(approval, 'session'),
      decline(approval, 'no'),
      cancel(approval),
    ];
    const words = built.map(({ decision }) =>
      typeof decision === 'string' ? decision : Object.keys(decision)[0],
    );
    expect(words).toEqual(expected);
    expect(built.map((answer) => checkAnswer(approval, answer))).toEqual([null, null, null, null]);
  });

  test.each([[undefined], [null], ['an id'], [{ key: 'k' }]])('not of %j', (given) => {
    for (const build of [accept, decline, cancel]) {
      expect(() => build(given as never)).toThrow(
        new TypeError('"request" must be a request, as a handler gets it.'),
      );
    }
  });

  test('grants, answers and content', () => {
    const permissions = request('item/permissions/requestApproval', {
      permissions: { network: { enabled: true } },
    });
    const input = request('item/tool/requestUserInput', { questions: [{ id: 'q' }] });
    const elicitation = request('mcpServer/elicitation/request', { message: 'Name?' });
    if (isRequest(permissions, 'item/permissions/requestApproval')) {
      const answer = grantPermissions(permissions, permissions.permissions, 'session');
      expect(answer).toEqual({ permissions: { network: { enabled: true } }, scope: 'session' });
    }
    if (isRequest(input, 'item/tool/requestUserInput')) {
      expect(answerQuestions(input, { q: 'x' })).toEqual({ answers: { q: { answers: ['x'] } } });
    }
    if (isRequest(elicitation, 'mcpServer/elicitation/request')) {
      expect(elicitation.message).toBe('Name?');
      expect(answerElicitation(elicitation, { name: 'Bob' }).action).toBe('accept');
      expect(cancel(elicitation)).toEqual({ action: 'cancel', content: null });
      expect(decline(elicitation)).toEqual({ action: 'decline', content: null });
    }
    expect.assertions(6);
  });

  test('what has no no is refused by name', () => {
    const time = request('currentTime/read') as ServerRequest<'currentTime/read'>;
    // @ts-expect-error nothing declines a question for the time
    expect(() => decline(time)).toThrow(/currentTime\/read: use requests\.refuse/);
    // @ts-expect-error a tool call is not accepted
    expect(() => accept(request('item/tool/call') as ServerRequest<'item/tool/call'>)).toThrow(
      TypeError,
    );
    // @ts-expect-error a method of tomorrow may have no no
    expect(() => decline(request('of/tomorrow'))).toThrow(/use requests\.refuse/);
  });

  test.each(approvals)('serve(approvals, decline) is a complete handler: %s', (method) => {
    const { observe, requests, sent, ends } = stage();
    requests.serve(approvals, decline);
    observe(ask(method, 0, { command: ['ls'], fileChanges: {} }));
    expect(JSON.stringify(sent)).toMatch(/"decision":("decline"|\{"denied":)/);
    expect(ends()).toEqual(['0 answered accepted']);
  });
});

describe('a decision that is not offered', () => {
  const asked = request(item, {
    availableDecisions: ['accept', { acceptWithExecpolicyAmendment: {} }],
  });

  test.each([
    [{ decision: 'acceptForSession' }, 'accept, acceptWithExecpolicyAmendment'],
    [{ decision: 'cancel' }, 'the decision "cancel" is not offered'],
  ])('does not fit: %j', (answer, why) => {
    expect(checkAnswer(asked, answer)).toContain(why);
  });

  test('and a plain no always does', () => {
    expect(checkAnswer(asked, { decision: 'decline' })).toBeNull();
  });
});

describe('a card needs no knowledge of the protocol', () => {
  test('a command is text in both', () => {
    const legacy = request('execCommandApproval', {
      command: ['bash', '-lc', "echo 'x'"],
      cwd: '/w',
    });
    const current = request(item, { command: 'ls', reason: 'because' });
    const shown = [legacy, current].map((asked) =>
      asked.kind === 'commandExecution' ? [asked.command, asked.cwd, asked.reason] : null,
    );
    expect(shown).toEqual([
      [`bash -lc 'echo '\\''x'\\'''`, '/w', null],
      ['ls', null, 'because'],
    ]);
  });

  test('changes have one shape, and are kept up to date', () => {
    const { observe, requests, opened } = stage();
    observe(ask('item/fileChange/requestApproval', 0, { itemId: 'i' }));
    const params = {
      threadId: 't',
      itemId: 'i',
      changes: [{ path: '/a', diff: '+', kind: { type: 'add' } }],
    };
    observe({
      ...ask('item/fileChange/patchUpdated', 0, {}),
      type: 'app_server.item.file_change.patch_updated',
      payload: { params },
    });
    const now = requests.get(opened[0]?.key ?? '');
    expect(now?.kind === 'fileChange' && now.paths).toEqual(['/a']);
    const legacy = request('applyPatchApproval', {
      fileChanges: { '/b': { type: 'update', unified_diff: '@@', move_path: '/c' } },
    });
    expect(legacy.kind === 'fileChange' && [legacy.paths, legacy.changes]).toEqual([
      ['/b', '/c'],
      [{ path: '/b', kind: { type: 'update', move_path: '/c' }, diff: '@@' }],
    ]);
  });
});
