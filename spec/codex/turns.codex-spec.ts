import { afterEach, describe, expect, test } from '@jest/globals';
import { forThread, ofAppServer, ofAppServerRequest } from 'codex-rx';
import { connectAppServer, type AppServerStream, type ExperimentalMethods } from 'codex-rx/node';
import { firstValueFrom } from 'rxjs';
import { codexCommand, startCodex } from '../support/codex-server.js';
import {
  execCommand,
  startScriptedModel,
  text,
  type ScriptedModel,
} from '../support/scripted-model.js';

const closings: (() => PromiseLike<unknown>)[] = [];

afterEach(async () => {
  for (const close of closings.splice(0).reverse()) await close();
});

type Codex = AppServerStream<ExperimentalMethods> & { readonly cwd: string };

const transports: [string, (model: ScriptedModel) => Promise<Codex>][] = [
  [
    'a websocket',
    async (model) => {
      const server = await startCodex({ model, listen: 'ws' });
      closings.push(() => server.close());
      const stream = connectAppServer({ url: server.url, experimental: true });
      return Object.assign(stream, { cwd: server.cwd });
    },
  ],
  [
    'stdio',
    async (model) => {
      const { close, ...command } = await codexCommand({ model });
      closings.push(close);
      const stream = connectAppServer({ process: command, experimental: true });
      return Object.assign(stream, { cwd: command.cwd });
    },
  ],
];

describe.each(transports)('codex app-server over %s', (_, connect) => {
  test('streams a plain turn', async () => {
    const model = await startScriptedModel();
    closings.push(() => model.close());
    model.script('plain', [text('Hello, ', 'world.')]);
    const stream = await connect(model);
    closings.push(() => stream.close());
    const deltas: string[] = [];
    stream.on(ofAppServer('item/agentMessage/delta'), ({ payload }) => {
      deltas.push(payload.params.delta);
    });
    await stream.connect();
    const { thread } = await stream.call('thread/start', { cwd: stream.cwd });
    const ended = firstValueFrom(
      stream.events$.pipe(forThread(thread.id), ofAppServer('turn/completed')),
    );
    await stream.call('turn/start', {
      threadId: thread.id,
      input: [{ type: 'text', text: 'plain' }],
    });
    expect((await ended).payload.params.turn.status).toBe('completed');
    expect(deltas.join('')).toBe('Hello, world.');
    expect(stream.server?.userAgent).toContain('codex-rx/0.169.0');
    expect(stream.drift().summary).toBe('');
  });

  test('a command is run when its approval is accepted', async () => {
    const model = await startScriptedModel();
    closings.push(() => model.close());
    model.script('run', [execCommand('echo it ran', 'because'), text('Done.')]);
    const stream = await connect(model);
    closings.push(() => stream.close());
    stream.on(ofAppServerRequest('item/commandExecution/requestApproval'), (event) => {
      expect(stream.answer(event, { decision: 'accept' })).toBe(true);
      expect(stream.answer(event, { decision: 'decline' })).toBe(false);
    });
    await stream.connect();
    const { thread } = await stream.call('thread/start', { cwd: stream.cwd });
    const ended = firstValueFrom(
      stream.events$.pipe(forThread(thread.id), ofAppServer('turn/completed')),
    );
    await stream.call('turn/start', {
      threadId: thread.id,
      input: [{ type: 'text', text: 'run' }],
    });
    expect((await ended).payload.params.turn.status).toBe('completed');
    expect(model.requests.at(-1)?.toolOutputs.at(-1)).toContain('it ran');
    expect(stream.unanswered()).toEqual([]);
  });
});
