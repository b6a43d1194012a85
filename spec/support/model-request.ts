import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';

/** What codex asked the model. */
export interface ModelRequest {
  readonly headers: IncomingHttpHeaders;
  readonly body: ModelRequestBody;
  readonly threadId: string;
  readonly turnId: string;
  /** The text of the last user message. */
  readonly prompt: string;
  /** What the tools that the model called since then returned, oldest first. */
  readonly toolOutputs: readonly string[];
  /** The names of the tools that the model may call; of those that have none, the type. */
  readonly tools: readonly string[];
  /** The number of earlier requests with this user message as the last one, in this turn. */
  readonly step: number;
}

export interface ModelRequestBody {
  readonly model: string;
  readonly input: readonly InputItem[];
  readonly tools?: readonly { readonly type: string; readonly name?: string }[];
  readonly [field: string]: unknown;
}

interface InputItem {
  readonly type: string;
  readonly role?: string;
  readonly content?: readonly { readonly text?: string }[];
  readonly output?: string | readonly { readonly text?: string }[];
  readonly [field: string]: unknown;
}

/** What codex says in the name of the user: `<environment_context>…` and the like. */
const injected = /^(<\w+|# AGENTS\.md)/;

/** @param nextStep counts the requests that come under the same key */
export async function readModelRequest(
  incoming: IncomingMessage,
  nextStep: (key: string) => number,
): Promise<ModelRequest> {
  const body = (await json(incoming)) as ModelRequestBody;
  const last = body.input
    .map(({ role, content }) => role === 'user' && !injected.test(textOf(content)))
    .lastIndexOf(true);
  const turn = JSON.parse(String(incoming.headers['x-codex-turn-metadata'])) as TurnMetadata;
  return {
    headers: incoming.headers,
    body,
    threadId: turn.thread_id ?? String(incoming.headers['session_id']),
    turnId: turn.turn_id,
    prompt: textOf(body.input[last]?.content),
    toolOutputs: body.input
      .slice(last + 1)
      .filter(({ type }) => type.endsWith('_output'))
      .map(({ output }) => textOf(output)),
    tools: (body.tools ?? []).map(({ name, type }) => name ?? type),
    step: nextStep(`${turn.turn_id} ${last}`),
  };
}

interface TurnMetadata {
  /** Missing in 0.107, where a header has it. */
  readonly thread_id?: string;
  readonly turn_id: string;
}

function textOf(content: InputItem['output']): string {
  if (typeof content === 'string') return content;
  return (content ?? []).map(({ text }) => text ?? '').join('');
}
