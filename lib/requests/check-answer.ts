import { rowOf } from './methods.js';
import type { ServerRequest } from './server-request.js';

type Asked = Pick<ServerRequest, 'method' | 'params'>;

/**
 * Why an answer does not fit a request, in a sentence; `null` if it does. Strict: what is sent is
 * as the protocol says. Of a method that the protocol does not list, any object fits.
 */
export function checkAnswer(
  request: Pick<ServerRequest, 'method' | 'params'>,
  answer: unknown,
): string | null {
  try {
    const problem = rowOf(request.method).shape(answer, 'answer');
    if (problem !== null) return problem;
    JSON.stringify(answer);
  } catch (error) {
    return `answer cannot be written as JSON: ${String(error)}`;
  }
  return (
    unknownQuestion(request, answer as object) ?? decisionNotOffered(request, answer as object)
  );
}

function unknownQuestion({ method, params }: Asked, answer: object): string | null {
  const { questions } = Object(params) as { questions?: unknown };
  if (rowOf(method).kind !== 'userInput' || !Array.isArray(questions)) return null;
  const ids = questions.map((question) => (Object(question) as { id?: unknown }).id);
  const odd = Object.keys((answer as { answers: object }).answers).find((id) => !ids.includes(id));
  return odd === undefined ? null : `no question has the id "${odd}": there is ${ids.join(', ')}`;
}

/** The server takes a plain no in any case. */
function decisionNotOffered({ method, params }: Asked, answer: object): string | null {
  const { availableDecisions } = Object(params) as { availableDecisions?: unknown };
  if (rowOf(method).kind !== 'commandExecution' || !Array.isArray(availableDecisions)) return null;
  const offered = availableDecisions.map(nameOf);
  const given = nameOf((answer as { decision: unknown }).decision);
  if (given === 'decline' || offered.includes(given)) return null;
  return `the decision "${given}" is not offered: there is ${offered.join(', ')}`;
}

/** A decision, or the name of its amendment. */
const nameOf = (decision: unknown): string =>
  typeof decision === 'string' ? decision : (Object.keys(Object(decision) as object)[0] ?? '');
