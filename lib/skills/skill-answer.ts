import type { Outgoing } from '../protocol/index.js';
import { toolResult } from '../requests/index.js';
import type { InputIssue } from './input-schema.js';

type Answer = Outgoing.DynamicToolCallResponse;

/**
 * What the agent gets of a result.
 *
 * @throws TypeError if the result cannot be written as JSON.
 */
export function answerOf(result: unknown): Answer {
  if (isAnswer(result)) return result;
  const json = JSON.stringify(result ?? null) as string | undefined;
  return toolResult(typeof result === 'string' ? result : (json ?? 'null'));
}

const isAnswer = (result: unknown): result is Answer => {
  const { contentItems, success } = Object(result) as Partial<Answer>;
  return Array.isArray(contentItems) && typeof success === 'boolean';
};

/** What the agent reads of a call that came to nothing. */
export const failure = (why: string): Answer => toolResult(why, { success: false });

/** What is wrong with the input, so that the agent can do better. */
export const issuesText = (name: string, issues: readonly InputIssue[]): string =>
  `${name} was not run, for its arguments are not valid: ${issues.map(issueText).join('; ')}.`;

function issueText({ message, path = [] }: InputIssue): string {
  const keys = path.map((step) => String(typeof step === 'object' ? step.key : step));
  return keys.length === 0 ? message : `${keys.join('.')}: ${message}`;
}
