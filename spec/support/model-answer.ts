import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AnswerStream, OutputItem } from './answer-stream.js';

/** One piece of an answer: what the functions of this file return. */
export type Part = (answer: AnswerStream) => Promise<void> | void;

/** What the model answers one request with; several parts come one after the other. */
export type ModelAnswer = Part | readonly Part[];

/** A part that holds the answer up until it is released, or until codex hangs up. */
export interface Gate extends Part {
  /** Resolves when the model stands before it. */
  readonly reached: Promise<void>;
  release(): void;
}

/**
 * @example
 * const hanging = gate();
 * model.script('hang', [text('so far ', hanging, 'so good')]);
 */
export function gate(): Gate {
  let reach: () => void;
  let release: () => void;
  const reached = new Promise<void>((resolve) => (reach = resolve));
  const released = new Promise<void>((resolve) => (release = resolve));
  const part: Part = async ({ signal }) => {
    reach();
    signal.throwIfAborted();
    await Promise.race([released, once(signal, 'abort')]);
    signal.throwIfAborted();
  };
  return Object.assign(part, {
    reached,
    release: () => {
      release();
    },
  });
}

/** A message; each piece of text is one delta, and gates may stand between them. */
export const text = (...pieces: readonly (string | Gate)[]): Part => message(pieces);

/** A message of `count` deltas: `word0 word1 …`. */
export const words = (count: number, options: { readonly paceMs?: number } = {}): Part =>
  message(
    Array.from({ length: count }, (_, i) => `word${i} `),
    options.paceMs,
  );

/** @param paceMs pause before each delta, in milliseconds; by default there is none */
function message(pieces: readonly (string | Gate)[], paceMs = 0): Part {
  return async (answer) => {
    const id = answer.nextId('msg');
    const whole = pieces.filter((piece) => typeof piece === 'string').join('');
    const content = [outputText(whole)];
    const item = { id, type: 'message', role: 'assistant' };
    const begun = { ...item, status: 'in_progress', content: [] };
    await answer.item(begun, { ...item, status: 'completed', content }, async (output_index) => {
      const place = { item_id: id, output_index, content_index: 0 };
      await answer.send('response.content_part.added', { ...place, part: outputText('') });
      for (const piece of pieces) {
        if (paceMs > 0) await sleep(paceMs, undefined, { signal: answer.signal });
        if (typeof piece !== 'string') await piece(answer);
        else await answer.send('response.output_text.delta', { ...place, delta: piece });
      }
      await answer.send('response.output_text.done', { ...place, text: whole });
    });
  };
}

const outputText = (text: string) => ({ type: 'output_text', text, annotations: [] });

/** A call of a function tool, for example of a dynamic tool. */
export function callTool(name: string, args: object, namespace?: string): Part {
  return async (answer) => {
    const call = { id: answer.nextId('fc'), call_id: answer.nextId('call'), name, namespace };
    const item = { ...call, type: 'function_call', arguments: JSON.stringify(args) };
    await toolCall(answer, item, 'arguments', 'response.function_call_arguments.delta');
  };
}

/** A dynamic tool, for `thread/start`: its call is `callTool('get_weather', …)`. */
export const weather = {
  type: 'function',
  name: 'get_weather',
  description: 'The weather.',
  inputSchema: { type: 'object', properties: { city: { type: 'string' } } },
} as const;

/** A call of a tool that takes free text. */
function callCustomTool(name: string, input: string): Part {
  return async (answer) => {
    const call = { id: answer.nextId('ctc'), call_id: answer.nextId('call'), name, input };
    const item = { ...call, type: 'custom_tool_call' };
    await toolCall(answer, item, 'input', 'response.custom_tool_call_input.delta');
  };
}

async function toolCall(
  answer: AnswerStream,
  item: OutputItem,
  streamed: 'arguments' | 'input',
  event: string,
): Promise<void> {
  const begun = { ...item, [streamed]: '', status: 'in_progress' };
  await answer.item(begun, { ...item, status: 'completed' }, (output_index) =>
    answer.send(event, { item_id: item.id, output_index, delta: item[streamed] }),
  );
}

/** A shell command. It runs in the sandbox unasked, unless a justification asks to leave it. */
export const execCommand = (cmd: string, justification?: string): Part =>
  callTool('exec_command', {
    cmd,
    ...(justification && { sandbox_permissions: 'require_escalated', justification }),
  });

/** A patch in the format of codex. In a read-only sandbox it asks for approval. */
export const applyPatch = (patch: string): Part => callCustomTool('apply_patch', patch);

/** A patch that adds one file. */
export const addFile = (path: string, ...lines: readonly string[]): Part =>
  applyPatch(
    [
      '*** Begin Patch',
      `*** Add File: ${path}`,
      ...lines.map((line) => `+${line}`),
      '*** End Patch',
    ]
      .map((line) => `${line}\n`)
      .join(''),
  );

export interface Question {
  readonly id: string;
  readonly header: string;
  readonly question: string;
  readonly options: readonly { readonly label: string; readonly description: string }[];
}

/** Questions to the user. Codex asks them in plan mode, or with the config `askInDefaultMode`. */
export const requestUserInput = (...questions: readonly Question[]): Part =>
  callTool('request_user_input', { questions });

/** The config that lets a model ask the user outside of plan mode. */
export const askInDefaultMode = {
  'features.default_mode_request_user_input': true,
  suppress_unstable_features_warning: true,
} as const;

/** An HTTP error instead of an answer. Of a 500 codex keeps the message to itself. */
export const httpError =
  (status: number, message = `scripted HTTP ${status}`): Part =>
  (answer) => {
    answer.refuse(status, message);
  };

/** An answer that breaks off with `response.failed`. */
export const responseFailed =
  (message = 'scripted failure', code = 'server_error'): Part =>
  (answer) =>
    answer.fail(code, message);

/** A connection that breaks. */
export const cutConnection = (): Part => (answer) => {
  answer.cut();
};
