import { describe, expect, test } from '@jest/globals';
import { approves, checkAnswer, refusal, toolResult } from '../../lib/requests/index.js';
import { readRequest, withMembers } from '../../lib/requests/server-request.js';
import { ask } from './stage.js';
import {
  accept,
  answers,
  approve,
  cancel,
  decline,
  elicit,
  grant,
  reject,
} from '../support/answers.js';

const methods = {
  command: 'item/commandExecution/requestApproval',
  file: 'item/fileChange/requestApproval',
  permissions: 'item/permissions/requestApproval',
  input: 'item/tool/requestUserInput',
  elicitation: 'mcpServer/elicitation/request',
  tool: 'item/tool/call',
  exec: 'execCommandApproval',
  patch: 'applyPatchApproval',
  tokens: 'account/chatgptAuthTokens/refresh',
  attestation: 'attestation/generate',
  time: 'currentTime/read',
  unknown: 'of/tomorrow',
};

type Name = keyof typeof methods;

const request = (name: Name, params: object = {}) =>
  withMembers(readRequest(ask(methods[name], 0, params), 0, 'key', 0));

const amendment = { execpolicy_amendment: ['ls'] };
const network = { network_policy_amendment: { action: 'allow', host: 'x' } };

describe('an answer fits', () => {
  test.each<[Name, unknown]>([
    ['command', accept()],
    ['command', accept('session')],
    ['command', decline()],
    ['command', cancel()],
    ['command', { decision: { acceptWithExecpolicyAmendment: amendment } }],
    ['command', { decision: { applyNetworkPolicyAmendment: network } }],
    ['file', accept()],
    ['file', cancel()],
    ['permissions', grant({})],
    ['permissions', grant({ network: { enabled: true }, fileSystem: null }, 'session')],
    ['permissions', grant({ fileSystem: { read: ['/a'], write: null, globScanMaxDepth: 2 } })],
    [
      'permissions',
      { permissions: { fileSystem: { entries: [{ path: {} }] } }, strictAutoReview: null },
    ],
    ['input', answers({ q: 'x', r: ['y', 'z'] })],
    ['elicitation', elicit('accept', { name: 'Bob' })],
    ['elicitation', elicit('cancel')],
    ['elicitation', { action: 'decline', _meta: {} }],
    ['tool', toolResult('x')],
    ['tool', toolResult([{ type: 'inputImage', imageUrl: 'data:' }], { success: false })],
    ['tool', toolResult([{ type: 'inputAudio', audioUrl: 'data:' }])],
    ['exec', approve()],
    ['exec', reject('no')],
    ['patch', approve('session')],
    [
      'patch',
      { decision: { approved_execpolicy_amendment: { proposed_execpolicy_amendment: [] } } },
    ],
    ['exec', { decision: { network_policy_amendment: network } }],
    ['tokens', { accessToken: 'a', chatgptAccountId: 'b', chatgptPlanType: null }],
    ['attestation', { token: 'x' }],
    ['time', { currentTimeAt: 5 }],
    ['unknown', { anything: true }],
  ])('%s: %j', (name, answer) => {
    expect(checkAnswer(request(name), answer)).toBeNull();
  });
});

describe('an answer does not fit, and it is told why', () => {
  const cyclic: Record<string, unknown> = {};
  cyclic['self'] = cyclic;

  test.each<[Name, unknown, string]>([
    ['command', null, 'answer must be an object'],
    ['command', 'accept', 'answer must be an object'],
    ['command', [], 'answer must be an object'],
    ['command', {}, 'answer.decision must be one of accept, acceptForSession'],
    ['command', { decision: 'approved' }, 'answer.decision must be one of'],
    ['command', { decision: { toString: 1 } }, 'answer.decision must be one of'],
    ['command', { decision: {} }, 'answer.decision must be one of'],
    [
      'command',
      { decision: 'accept', scope: 'session' },
      'answer has no member "scope": it has decision',
    ],
    [
      'command',
      { decision: { acceptWithExecpolicyAmendment: { execpolicy_amendment: 'ls' } } },
      'answer.decision.acceptWithExecpolicyAmendment.execpolicy_amendment must be an array',
    ],
    [
      'command',
      { decision: { acceptWithExecpolicyAmendment: amendment, b: 1 } },
      'has no member "b"',
    ],
    ['file', { decision: { acceptWithExecpolicyAmendment: amendment } }, 'must be one of'],
    ['permissions', accept(), 'answer has no member "decision": it has permissions, scope'],
    ['permissions', {}, 'answer.permissions must be an object'],
    ['permissions', grant({}, 'always' as never), 'answer.scope must be one of turn, session'],
    [
      'permissions',
      grant({ network: { enabled: 'yes' as never } }),
      'enabled must be true or false',
    ],
    ['permissions', grant({ fileSystem: { globScanMaxDepth: NaN } }), 'must be a number'],
    [
      'permissions',
      grant({ fileSystem: { entries: ['/a' as never] } }),
      'entries[0] must be an object',
    ],
    ['input', { answers: { q: 'x' } }, 'answer.answers.q must be an object'],
    ['input', { answers: { q: { answers: [5] } } }, 'answer.answers.q.answers[0] must be text'],
    ['elicitation', { action: 'yes' }, 'answer.action must be one of accept, decline, cancel'],
    ['tool', { contentItems: 'x', success: true }, 'answer.contentItems must be an array'],
    ['tool', { contentItems: [] }, 'answer.success must be true or false'],
    [
      'tool',
      toolResult([{ type: 'text' } as never]),
      'contentItems[0].type must be one of inputText',
    ],
    ['tool', toolResult([null as never]), 'contentItems[0].type must be one of'],
    ['tool', toolResult([{ type: 'toString' } as never]), 'contentItems[0].type must be one of'],
    ['exec', accept(), 'answer.decision must be one of approved'],
    ['exec', { decision: 'denied' }, 'answer.decision must be one of'],
    ['unknown', 'x', 'answer must be an object'],
    ['unknown', cyclic, 'answer cannot be written as JSON'],
    ['unknown', { big: 1n }, 'answer cannot be written as JSON'],
  ])('%s: %#', (name, answer, why) => {
    expect(checkAnswer(request(name), answer)).toContain(why);
  });

  test('to a question that was not asked', () => {
    const asked = request('input', { questions: [{ id: 'colour' }, null] });
    expect(checkAnswer(asked, answers({ colour: 'blue' }))).toBeNull();
    expect(checkAnswer(asked, answers({ color: 'blue' }))).toContain(
      'no question has the id "color": there is colour',
    );
  });
});

describe('an answer approves', () => {
  test.each<[Name, unknown, boolean]>([
    ['command', accept(), true],
    ['command', { decision: { acceptWithExecpolicyAmendment: amendment } }, true],
    ['command', { decision: 'what is this' }, true],
    ['command', null, true],
    ['command', decline(), false],
    ['file', cancel(), false],
    ['exec', approve(), true],
    ['exec', reject('no'), false],
    ['exec', { decision: 'abort' }, false],
    ['permissions', grant({}), false],
    ['permissions', grant({ network: null }), false],
    ['permissions', grant({ network: {} }), true],
    ['permissions', {}, false],
    ['elicitation', elicit('accept'), true],
    ['elicitation', elicit('decline'), false],
    ['tool', toolResult('x'), false],
    ['input', answers({}), false],
  ])('%s: %j: %s', (name, answer, expected) => {
    expect(approves(request(name), answer)).toBe(expected);
  });

  test.each(Object.keys(methods) as Name[])('and a refusal never does: %s', (name) => {
    const answer = refusal(request(name), 'no');
    if (answer === null) return;
    expect(approves(request(name), answer)).toBe(false);
    expect(checkAnswer(request(name), answer)).toBeNull();
  });
});
