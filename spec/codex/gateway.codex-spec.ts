import { describe, expect, test } from '@jest/globals';
import {
  accept,
  answerQuestions,
  connectManager,
  decline,
  isRequest,
  ofAppServer,
  threadState,
  toolResult,
  type ManagerStream,
} from 'codex-rx';
import { feedLog, memoryLog, serveGateway, type Gateway } from 'codex-rx/gateway';
import { filter, firstValueFrom } from 'rxjs';
import { codexSpecs, type TestCodex } from '../support/codex-stream.js';
import {
  askInDefaultMode,
  callTool,
  execCommand,
  gate,
  requestUserInput,
  text,
  weather,
  words,
} from '../support/scripted-model.js';
import { until } from '../support/until.js';

const { start, closing } = codexSpecs();

const token = 'of-the-codex-spec';

/** A gateway in front of a codex, and a client that knows nothing but the gateway. */
async function served(options = {}): Promise<{
  codex: TestCodex;
  gateway: Gateway;
  client: () => ManagerStream;
}> {
  const codex = await start('stdio', options);
  const source = codex.stream();
  const feed = feedLog(source, memoryLog());
  const gateway = await serveGateway(feed, { token });
  closing({
    async close() {
      feed.close();
      await gateway.close();
    },
  });
  await source.connect();
  const client = () => {
    const reconnect = { base: 1, cap: 5 };
    return closing(connectManager({ url: gateway.url, token, reconnect, health: false }));
  };
  return { codex, gateway, client };
}

const cwdOf = ({ cwd }: TestCodex) => ({ cwd, approvalPolicy: 'on-request' });

async function begin(stream: ManagerStream, params: object): Promise<string> {
  await stream.connect();
  const made = await stream.rest('/api/sessions', params);
  return (made as { session: { sessionId: string } }).session.sessionId;
}

const send = (stream: ManagerStream, threadId: string, message: string) =>
  stream.rest(`/api/sessions/${threadId}/messages`, { text: message });

const turnEnded = (stream: ManagerStream) =>
  firstValueFrom(stream.events$.pipe(ofAppServer('turn/completed')));

describe('behind a gateway, the real codex', () => {
  test('has a skill served, a command approved and a question answered, once each', async () => {
    const { codex, client } = await served({ config: askInDefaultMode });
    const question = {
      id: 'color',
      header: 'Color',
      question: 'Which color?',
      options: [
        { label: 'Blue', description: 'b' },
        { label: 'Red', description: 'r' },
      ],
    };
    codex.model.script('all', [
      callTool('get_weather', { city: 'Rome' }),
      execCommand('echo ran >> ran', 'because'),
      requestUserInput(question),
      text('Done.'),
    ]);
    const page = client();
    const calls: string[] = [];
    page.requests.serve('item/tool/call', ({ method }) => {
      calls.push(method);
      return toolResult('sunny');
    });
    page.requests.opened$.subscribe((request) => {
      if (request.method === 'item/tool/call') return;
      calls.push(request.method);
      if (request.kind === 'commandExecution') {
        void page.requests.answer(request as never, accept(request));
      } else if (isRequest(request, 'item/tool/requestUserInput')) {
        void page.requests.answer(request, answerQuestions(request, { color: 'Blue' }));
      }
    });
    const threadId = await begin(page, { ...cwdOf(codex), dynamicTools: [weather] });
    const ended = turnEnded(page);
    await send(page, threadId, 'all');
    expect((await ended).payload.params.turn.status).toBe('completed');
    expect(calls).toEqual([
      'item/tool/call',
      'item/commandExecution/requestApproval',
      'item/tool/requestUserInput',
    ]);
    const { answered, lost } = page.requests.stats();
    expect([answered, lost]).toEqual([3, 0]);
  });

  test('says each delta once and in order to a client that is cut off in their midst', async () => {
    const { codex, gateway, client } = await served();
    const count = 20_000;
    codex.model.script('talk', [words(count)]);
    const page = client();
    let said = '';
    let whole = '';
    page.on(ofAppServer('item/agentMessage/delta'), ({ payload }) => {
      said += payload.params.delta;
    });
    page.on(ofAppServer('item/completed'), ({ payload: { params } }) => {
      if (params.item.type === 'agentMessage') whole = params.item.text;
    });
    const replays: (boolean | undefined)[] = [];
    page.gaps$.subscribe(({ replay }) => replays.push(replay?.complete));
    const threadId = await begin(page, cwdOf(codex));
    await send(page, threadId, 'talk');
    for (const part of [0.2, 0.5, 0.8]) {
      await until(() => said.length > part * count * 9 || whole !== '');
      gateway.revoke(() => true);
    }
    await until(() => whole !== '');
    await until(() => said.length >= whole.length);
    expect(said).toBe(whole);
    expect(replays.length).toBeGreaterThan(0);
    expect(new Set(replays)).toEqual(new Set([true]));
  });

  test('shows a page that is opened in mid-turn the whole text', async () => {
    const { codex, client } = await served();
    const hanging = gate();
    codex.model.script('hang', [text('so far ', hanging, 'so good')]);
    const page = client();
    const threadId = await begin(page, cwdOf(codex));
    const ended = turnEnded(page);
    await send(page, threadId, 'hang');
    await hanging.reached;
    const late = client();
    const shown: string[] = [];
    threadState(late, threadId).subscribe(({ turns }) => {
      const items = turns.flatMap(({ items }) => items);
      shown.push(items.find(({ kind }) => kind === 'agentMessage')?.text ?? '');
    });
    await until(() => shown.includes('so far '));
    hanging.release();
    await until(() => shown.at(-1) === 'so far so good');
    await ended;
  });

  test('is interrupted, and declines to run what a client declines', async () => {
    const { codex, client } = await served();
    const hanging = gate();
    codex.model.script('run', [execCommand('echo ran >> ran', 'because'), text('Never mind.')]);
    codex.model.script('hang', [text('so far ', hanging, 'so good')]);
    const page = client();
    const threadId = await begin(page, cwdOf(codex));
    page.requests.serve('item/commandExecution/requestApproval', (request) => decline(request));
    const first = turnEnded(page);
    await send(page, threadId, 'run');
    expect((await first).payload.params.turn.status).toBe('completed');
    const second = turnEnded(page);
    await send(page, threadId, 'hang');
    await hanging.reached;
    await page.rest(`/api/sessions/${threadId}/interrupt`, {});
    expect((await second).payload.params.turn.status).toBe('interrupted');
    const none = await firstValueFrom(
      page.requests.pending$.pipe(filter(({ length }) => length === 0)),
    );
    expect(none).toEqual([]);
  });
});
