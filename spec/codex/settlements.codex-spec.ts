import { describe, expect, test } from '@jest/globals';
import { ofAppServer, toolResult, type AnswerOf, type Settlement } from 'codex-rx';
import { firstValueFrom } from 'rxjs';
import { hesitant, openAskingThread } from '../support/asking-thread.js';
import { codexSpecs } from '../support/codex-stream.js';
import { answersSent } from '../support/codex-turn.js';
import { startMcpServer } from '../support/mcp-server.js';
import {
  addFile,
  askInDefaultMode,
  callTool,
  execCommand,
  requestUserInput,
  text,
  weather,
  type Part,
} from '../support/scripted-model.js';
import { until } from '../support/until.js';
import { accept, answers, elicit, grant } from '../support/answers.js';

const { shared, closing } = codexSpecs();

const codex = shared('websocket');

type Answer = AnswerOf<string>;

interface Kind {
  readonly ask: Part;
  /** Of the thread. */
  readonly params: () => object | Promise<object>;
  readonly answer: Answer;
  /** What tells that the request is settled: by an answer, and by an interrupt. */
  readonly causes: readonly [string, string];
}

const experimental = (name: string) => ({
  config: { [`features.${name}`]: true, suppress_unstable_features_warning: true },
});

const usual = ['resolved', 'turn-ended'] as const;

const options = ['Red', 'Blue'].map((label) => ({ label, description: label }));

/** Whatever codex can ask. */
const kinds: Readonly<Record<string, Kind>> = {
  'the approval of a command': {
    ask: execCommand('echo ran >> ran', 'because'),
    params: () => ({}),
    answer: accept(),
    causes: usual,
  },
  'the approval of a change': {
    ask: addFile('ran', 'ran'),
    params: () => ({}),
    answer: accept(),
    causes: usual,
  },
  permissions: {
    ask: callTool('request_permissions', { permissions: { network: { enabled: true } } }),
    params: () => experimental('request_permissions_tool'),
    answer: grant({ network: { enabled: true } }),
    causes: usual,
  },
  'a question': {
    ask: requestUserInput({ id: 'color', header: 'Color', question: 'Which color?', options }),
    params: () => ({ config: askInDefaultMode }),
    answer: answers({ color: 'Blue' }),
    causes: usual,
  },
  'the question of an MCP server': {
    ask: callTool('ask_name', {}, 'mcp__scripted'),
    async params() {
      const { url } = closing(await startMcpServer());
      return { model: 'unknown', config: { 'mcp_servers.scripted.url': url } };
    },
    answer: elicit('accept', { name: 'Ada' }),
    causes: usual,
  },
  'a call of a tool': {
    ask: callTool('get_weather', {}),
    params: () => ({ dynamicTools: [weather] }),
    answer: toolResult('sunny'),
    causes: ['item-completed', 'item-completed'],
  },
};

/** A thread that has asked somebody who hesitates. */
async function hesitates({ ask, params }: Kind) {
  const { handler, signals, say } = hesitant<Answer>();
  const thread = await openAskingThread(codex(), {
    params: await params(),
    serve: (requests) => requests.serve(() => true, handler),
  });
  const turn = await thread.start([ask, text('Well.')]);
  await until(() => signals.length === 1);
  return { ...thread, ...turn, request: await thread.asked(), signals, say };
}

describe('a turn that is interrupted no more waits for', () => {
  test.each(Object.entries(kinds))('%s', async (_, kind) => {
    const { stream, request, signals, say, ...thread } = await hesitates(kind);
    await thread.interrupt(thread.turnId);
    expect(await thread.ended).toMatchObject({ status: 'interrupted' });
    expect(thread.settlements).toMatchObject([
      { request: { key: request.key }, outcome: 'expired', cause: kind.causes[1], answer: null },
    ]);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
    expect(signals[0]?.reason).toMatchObject({ message: `${request.method}: it is expired.` });
    expect(thread.pending()).toEqual([]);

    say(kind.answer);
    await until(() => stream.requests.stats().late === 1);
    await expect(stream.requests.answer(request, kind.answer)).rejects.toMatchObject({
      kind: 'settled',
    });
    expect(thread.decisions).toEqual([]);
    expect(answersSent(stream)).toEqual([]);
    expect(thread.file('ran')).toBeNull();
  });
});

test('a call of a tool that is given up has failed, without content', async () => {
  const thread = await hesitates(kinds['a call of a tool'] as Kind);
  const item = firstValueFrom(thread.stream.events$.pipe(ofAppServer('item/completed')));
  await thread.interrupt(thread.turnId);
  expect((await item).payload.params.item).toMatchObject({
    type: 'dynamicToolCall',
    id: thread.request.itemId,
    status: 'failed',
    contentItems: [],
    success: false,
  });
});

describe('of two clients, one answers, and the other hears that there is an answer to', () => {
  test.each(Object.entries(kinds))('%s', async (_, kind) => {
    const { stream, request, signals, say, ...thread } = await hesitates(kind);
    const other = codex().stream();
    const theirs: Settlement[] = [];
    other.requests.settled$.subscribe((settlement) => theirs.push(settlement));
    other.requests.serve(
      ({ requestId }) => requestId === request.requestId,
      () => kind.answer,
    );
    await other.connect();
    await other.call('thread/resume', { threadId: thread.threadId, excludeTurns: true });
    expect(await thread.ended).toMatchObject({ status: 'completed' });

    const [cause] = kind.causes;
    const { answer } = kind;
    expect(theirs).toMatchObject([{ outcome: 'answered', cause, answer }]);
    expect(thread.settlements).toMatchObject([
      { request: { key: request.key }, outcome: 'answered-elsewhere', cause, answer: null },
    ]);
    expect(theirs[0]?.request.key).toBe(request.key);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
    expect(thread.pending()).toEqual([]);

    say(answer);
    await until(() => stream.requests.stats().late === 1);
    expect(answersSent(stream)).toEqual([]);
    expect(answersSent(other)).toEqual([{ id: request.requestId, result: answer }]);
  });
});
