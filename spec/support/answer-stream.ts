import { once } from 'node:events';
import type { ServerResponse } from 'node:http';

/** An item of an answer, as the Responses API shows it: a message, a tool call. */
export interface OutputItem {
  readonly id: string;
  readonly type: string;
  readonly [field: string]: unknown;
}

/** One answer of the scripted model on its way to codex. */
export interface AnswerStream {
  /** Aborted as soon as codex hung up, as it does for an interrupted turn. */
  readonly signal: AbortSignal;
  /** An id that this model has not used yet: `msg_1`, `call_2`. */
  nextId(prefix: string): string;
  /** Sends one event. Waits while codex reads slower than the model speaks. */
  send(type: string, fields: object): Promise<void>;
  /** Sends an item: `begun`, then what `body` sends, then `done`. */
  item(
    begun: OutputItem,
    done: OutputItem,
    body: (outputIndex: number) => Promise<void>,
  ): Promise<void>;
  /** Answers with an HTTP error in place of a stream. */
  refuse(status: number, message: string): void;
  /** Ends the stream with `response.failed`. */
  fail(code: string, message: string): Promise<void>;
  /** Breaks the connection. */
  cut(): void;
  /** Ends the stream with `response.completed`, unless it has ended in another way. */
  complete(): Promise<void>;
}

/** Tells codex what an answer cost, so that it reports a token usage. */
const usage = {
  input_tokens: 100,
  input_tokens_details: { cached_tokens: 10 },
  output_tokens: 20,
  output_tokens_details: { reasoning_tokens: 5 },
  total_tokens: 120,
};

export function answerStream(
  http: ServerResponse,
  model: string,
  nextId: (prefix: string) => string,
): AnswerStream {
  const gone = new AbortController();
  http.once('close', () => {
    gone.abort();
  });

  const output: OutputItem[] = [];
  const response = {
    id: nextId('resp'),
    object: 'response',
    created_at: Math.floor(Date.now() / 1000),
    model,
  };
  let sent = 0;
  let ended = false;

  async function send(type: string, fields: object): Promise<void> {
    gone.signal.throwIfAborted();
    if (ended) throw new Error(`The model cannot send ${type}: its answer has ended.`);
    if (!http.headersSent) {
      http.writeHead(200, { 'content-type': 'text/event-stream' });
      await send('response.created', {
        response: { ...response, status: 'in_progress', output: [], usage: null },
      });
    }
    const data = JSON.stringify({ type, sequence_number: sent++, ...fields });
    if (!http.write(`event: ${type}\ndata: ${data}\n\n`)) {
      await once(http, 'drain', { signal: gone.signal });
    }
  }

  function end(): void {
    ended = true;
    http.end();
  }

  return {
    signal: gone.signal,
    nextId,
    send,
    async item(begun, done, body) {
      const output_index = output.length;
      await send('response.output_item.added', { output_index, item: begun });
      await body(output_index);
      await send('response.output_item.done', { output_index, item: done });
      output.push(done);
    },
    refuse(status, message) {
      if (http.headersSent) throw new Error(`HTTP ${status} must be the first part of an answer.`);
      http.writeHead(status, { 'content-type': 'application/json' });
      http.write(JSON.stringify({ error: { message, type: 'scripted_error', code: 'scripted' } }));
      end();
    },
    async fail(code, message) {
      const error = { code, message };
      await send('response.failed', { response: { ...response, status: 'failed', output, error } });
      end();
    },
    cut() {
      ended = true;
      http.destroy();
    },
    async complete() {
      if (ended) return;
      const completed = { ...response, status: 'completed', output, usage };
      await send('response.completed', { response: completed });
      end();
    },
  };
}
