import { test } from '@jest/globals';
import { allow, approvals, deny, policy, type CodexStream } from 'codex-rx';
import { marbles, request } from 'codex-rx/testing';

const rules = [allow({ command: /^git (status|diff)$/ }), deny({ command: /^rm\b/ })];
const decide = ({ requests }: CodexStream) => requests.serve(approvals, policy(rules));

const ask = (command: string, id: number) =>
  request('item/commandExecution/requestApproval', { command, itemId: `call-${id}` }, { id });

const letters = { g: ask('git status', 0), r: ask('rm -rf /', 1), m: ask('make', 2) };

test('the first rule decides, and the rest is left to a human', () => {
  marbles(({ stream, expectAnswers, expectEnvelopes }) => {
    const source = stream('   -g-r-m-|', letters);
    const answers = '         -a-d';
    decide(source);
    expectAnswers(source).toBe(answers);
    expectEnvelopes(source).toBe('-g-r-m-|', letters);
  });
});
