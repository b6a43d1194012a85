import { describe, expect, test } from '@jest/globals';
import { toolResult, type AnswerOf } from 'codex-rx';
import { askedBy } from '../support/asking-thread.js';
import { codexSpecs } from '../support/codex-stream.js';
import { startMcpServer } from '../support/mcp-server.js';
import {
  askInDefaultMode,
  callTool,
  requestUserInput,
  text,
  weather,
} from '../support/scripted-model.js';
import { answers, elicit } from '../support/answers.js';

const { shared, closing } = codexSpecs();

const codex = shared('websocket');

const userInput = 'item/tool/requestUserInput';
const elicitation = 'mcpServer/elicitation/request';
const toolCall = 'item/tool/call';

describe('questions to the user', () => {
  const questionOf = (id: string, ...labels: readonly string[]) => {
    const options = labels.map((label) => ({ label, description: label }));
    return { id, header: id, question: `Which ${id}?`, options };
  };

  test.each<[string, AnswerOf<typeof userInput>]>([
    ['each', answers({ color: 'Blue', size: 'Small' })],
    ['with several choices and a word of their own', answers({ color: ['Red', 'Blue', 'Mauve'] })],
    ['with nothing', answers({})],
  ])('are answered %s', async (_, answer) => {
    const thread = await askedBy(codex(), userInput, () => answer, { config: askInDefaultMode });
    const color = questionOf('color', 'Red', 'Blue');
    const ask = requestUserInput(color, questionOf('size', 'Small', 'Large'));
    const { status, told } = await thread.run([ask, text('I see.')]);
    expect(thread.answered('user')).toBe(1);
    expect(status).toBe('completed');
    expect(told.map((output) => JSON.parse(output) as unknown)).toEqual([answer]);
  });
});

/** A thread whose model calls a tool of an MCP server twice. */
async function callTwice(tool: string, answer: AnswerOf<typeof elicitation>) {
  const server = closing(await startMcpServer());
  const config = { 'mcp_servers.scripted.url': server.url };
  // A model of which codex knows nothing has the tools of the server at hand.
  const params = { model: 'unknown', config };
  const thread = await askedBy(codex(), elicitation, () => answer, params);
  const call = callTool(tool, {}, 'mcp__scripted');
  const turn = await thread.run([call, call, text('I see.')]);
  return { turn, server, asked: thread.answered('user') };
}

describe('the question of an MCP server', () => {
  test.each<[string, string, AnswerOf<typeof elicitation>, object]>([
    [
      'is answered with content',
      'ask_name',
      elicit('accept', { name: 'Ada' }),
      { action: 'accept', content: { name: 'Ada' } },
    ],
    ['is declined', 'ask_name', elicit('decline'), { action: 'decline' }],
    ['is cancelled', 'ask_name', elicit('cancel'), { action: 'cancel' }],
    [
      'to visit a page is answered without content',
      'visit',
      elicit('accept'),
      { action: 'accept', content: {} },
    ],
  ])('%s', async (_, tool, answer, heard) => {
    const { turn, server, asked } = await callTwice(tool, answer);
    expect(turn).toMatchObject({ status: 'completed', items: ['completed', 'completed'] });
    expect(server.answers).toEqual([heard, heard]);
    expect(asked).toBe(2);
  });
});

describe('a tool of an MCP server that changes something', () => {
  const done = { items: ['completed', 'completed'], calls: ['change', 'change'] };
  const undone = { items: ['failed', 'failed'], calls: [] };

  test.each<[string, AnswerOf<typeof elicitation>, object]>([
    ['is called as often as that is accepted', elicit('accept'), { asked: 2, ...done }],
    [
      'is called again unasked, accepted for the session',
      { ...elicit('accept'), _meta: { persist: 'session' } },
      { asked: 1, ...done },
    ],
    ['is not called if that is declined', elicit('decline'), { asked: 2, ...undone }],
    ['is not called if that is cancelled', elicit('cancel'), { asked: 2, ...undone }],
  ])('%s', async (_, answer, expected) => {
    const { turn, server, asked } = await callTwice('change', answer);
    expect(turn.status).toBe('completed');
    expect({ asked, items: turn.items, calls: server.calls }).toEqual(expected);
  });
});

describe('a dynamic tool', () => {
  const sunny = { type: 'inputText', text: 'sunny' } as const;
  const warm = { type: 'inputText', text: 'warm' } as const;
  const pixel =
    'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

  test.each<[string, AnswerOf<typeof toolCall>, string, unknown]>([
    ['text', toolResult('sunny'), 'completed', 'sunny'],
    ['its failure', toolResult('no such city', { success: false }), 'failed', 'no such city'],
    [
      'several items',
      toolResult([sunny, warm]),
      'completed',
      [
        { type: 'input_text', text: 'sunny' },
        { type: 'input_text', text: 'warm' },
      ],
    ],
    [
      'an image',
      toolResult([sunny, { type: 'inputImage', imageUrl: pixel }]),
      'completed',
      [
        { type: 'input_text', text: 'sunny' },
        { type: 'input_image', image_url: pixel, detail: 'original' },
      ],
    ],
    [
      'an image that is somewhere else, which codex does not fetch',
      toolResult([{ type: 'inputImage', imageUrl: 'https://example.test/x.png' }]),
      'failed',
      expect.stringContaining('remote image URLs are not supported'),
    ],
    ['nothing', toolResult([]), 'completed', []],
    ['nothing but that it failed', toolResult([], { success: false }), 'failed', []],
  ])('tells %s', async (_, answer, status, output) => {
    const thread = await askedBy(codex(), toolCall, () => answer, { dynamicTools: [weather] });
    const turn = await thread.run([callTool('get_weather', {}), text('I see.')]);
    expect(thread.answered('user')).toBe(1);
    expect(turn).toMatchObject({ status: 'completed', items: [status] });
    expect(codex().model.requests.at(-1)?.body.input.at(-1)?.output).toEqual(output);
  });
});
