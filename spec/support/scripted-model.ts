import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { answerStream } from './answer-stream.js';
import { httpError, text, type ModelAnswer } from './model-answer.js';
import { readModelRequest, type ModelRequest } from './model-request.js';

export * from './model-answer.js';
export type { ModelRequest } from './model-request.js';

/** Decides about an answer when the request comes. */
export type AnswerFunction = (request: ModelRequest) => ModelAnswer;

/** A model without a mind: a local server that speaks the Responses API. */
export interface ScriptedModel {
  /** What codex calls the `base_url` of a model provider. */
  readonly url: string;
  /** All requests so far. */
  readonly requests: readonly ModelRequest[];
  /**
   * Says what answers a user message of exactly this text: each step one request of the turn. After
   * the last step, what comes is `Done.` to a tool output, and the last step again to a retry.
   *
   * @example
   * model.script('plain', [text('word0 ', 'word1 ')]);
   * model.script('touch', [[text('Wait.'), execCommand('touch x', 'to touch it')], text('Touched.')]);
   */
  script(prompt: string, steps: readonly ModelAnswer[] | AnswerFunction): void;
  /** Says what answers every message that has no script. By default that fails the turn. */
  scriptOthers(answer: AnswerFunction): void;
  /** Cuts off what it is saying and stops listening. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts a scripted model on a free port of 127.0.0.1. */
export async function startScriptedModel(): Promise<ScriptedModel> {
  const requests: ModelRequest[] = [];
  const scripts = new Map<string, AnswerFunction>();
  const steps = new Map<string, number>();
  let others: AnswerFunction = ({ prompt }) =>
    httpError(400, `No answer to ${JSON.stringify(prompt)} is scripted.`);

  let ids = 0;
  const nextId = (prefix: string) => `${prefix}_${++ids}`;

  async function answer(incoming: IncomingMessage, http: ServerResponse): Promise<void> {
    const request = await readModelRequest(incoming, (turn) => {
      const step = steps.get(turn) ?? 0;
      steps.set(turn, step + 1);
      return step;
    });
    requests.push(request);
    const stream = answerStream(http, request.body.model, nextId);
    try {
      const parts = (scripts.get(request.prompt) ?? others)(request);
      for (const part of typeof parts === 'function' ? [parts] : parts) await part(stream);
      await stream.complete();
    } catch (error) {
      if (stream.signal.aborted) return;
      if (http.headersSent) stream.cut();
      else stream.refuse(400, `The script failed: ${String(error)}`);
    }
  }

  const server = createServer((incoming, http) => {
    if (incoming.method === 'POST' && incoming.url === '/v1/responses') {
      answer(incoming, http).catch(() => http.destroy());
    } else http.writeHead(404).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  async function close(): Promise<void> {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  }

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    script(prompt, answers) {
      scripts.set(prompt, typeof answers === 'function' ? answers : inSteps(answers));
    },
    scriptOthers(answer) {
      others = answer;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

function inSteps(answers: readonly ModelAnswer[]): AnswerFunction {
  const last = answers.at(-1);
  if (!last) throw new Error('A script needs at least one step.');
  return ({ step, toolOutputs }) =>
    answers[step] ?? (toolOutputs.length > 0 ? text('Done.') : last);
}
