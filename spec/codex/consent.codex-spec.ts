import { describe, expect, test } from '@jest/globals';
import {
  allow,
  AnswerError,
  approvals,
  deny,
  ofAppServer,
  policy,
  type ServerRequests,
} from 'codex-rx';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { firstValueFrom, NEVER } from 'rxjs';
import { hesitant, openAskingThread, type AskingOptions } from '../support/asking-thread.js';
import { codexSpecs, type TestStream } from '../support/codex-stream.js';
import { answersSent } from '../support/codex-turn.js';
import { addFile, execCommand, text } from '../support/scripted-model.js';
import { until } from '../support/until.js';
import { accept, decline } from '../support/answers.js';

const { shared } = codexSpecs();

const codex = shared('websocket');

const command = 'item/commandExecution/requestApproval';

type Accept = ReturnType<typeof accept>;

/** A thread in the midst of a turn that wants to run a command. */
async function wantsToRun(options: AskingOptions = {}) {
  const thread = await openAskingThread(codex(), options);
  const run = execCommand('echo ran >> ran', 'because');
  const { turnId, ended } = await thread.start([run, text('Well.')]);
  return { ...thread, turnId, ended, request: await thread.asked() };
}

describe('a command does not run unless the code of the user says so:', () => {
  test.each<[string, number, (requests: ServerRequests) => unknown]>([
    ['without a handler', 0, () => undefined],
    ['with a handler that leaves it to others', 0, (r) => r.serve(command, () => undefined)],
    [
      'with a handler of something else',
      0,
      (r) => r.serve('item/fileChange/requestApproval', () => accept()),
    ],
    [
      'with a handler that throws',
      1,
      (r) =>
        r.serve(command, () => {
          throw new Error('no idea');
        }),
    ],
    [
      'with a handler that rejects',
      1,
      (r) => r.serve(command, () => Promise.reject(new Error('no idea'))),
    ],
    [
      'with an answer that does not fit',
      1,
      (r) => r.serve(command, () => ({ decision: 'yes' }) as never),
    ],
    [
      'with a fallback that would approve',
      1,
      (r) => r.serve(command, () => NEVER, { timeout: 20, fallback: () => accept() }),
    ],
  ])('%s it waits, until somebody decides', async (_, failures, serve) => {
    const { stream, request, ended, ...thread } = await wantsToRun({ serve });
    await until(() => thread.errors.length === failures);
    await thread.waits();
    expect(thread.pending()).toMatchObject([{ key: request.key, state: 'open' }]);
    expect(thread.file('ran')).toBeNull();
    await stream.requests.answer(request, accept());
    expect(await ended).toMatchObject({ status: 'completed', items: ['completed'] });
    expect(thread.file('ran')).toBe('ran\n');
    expect(thread.answered('answer')).toBe(1);
  });

  test('an answer that does not fit is refused before it is sent', async () => {
    const { stream, request, ended, ...thread } = await wantsToRun();
    const unfit = stream.requests.answer(request, { decision: 'yes' } as never);
    await expect(unfit).rejects.toThrow(AnswerError);
    await expect(unfit).rejects.toMatchObject({ kind: 'unfit' });
    await thread.waits();
    expect(thread.decisions).toEqual([]);
    await stream.requests.answer(request, decline(), { by: 'a human', why: 'not today' });
    expect(await ended).toMatchObject({ status: 'completed', items: ['declined'] });
    expect(thread.decisions).toMatchObject([{ by: 'a human', why: 'not today' }]);
    expect(thread.answered('a human')).toBe(1);
    expect(thread.file('ran')).toBeNull();
  });

  test('it is declined when its handler takes too long, and what that says later is too late', async () => {
    const { handler, signals, say } = hesitant<Accept>();
    const { ended, ...thread } = await wantsToRun({
      serve: (r) => r.serve(command, handler, { timeout: 20 }),
    });
    expect(await ended).toMatchObject({ status: 'completed', items: ['declined'] });
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
    expect(thread.decisions).toMatchObject([
      { answer: decline(), why: 'no answer came within 20 ms' },
    ]);
    expect(thread.answered('handler')).toBe(1);
    say(accept());
    await until(() => thread.stream.requests.stats().late === 1);
    expect(answersSent(thread.stream)).toHaveLength(1);
    expect(thread.file('ran')).toBeNull();
  });

  test('it is declined when its handler fails, where the fallback is for that too', async () => {
    const fail = () => {
      throw new Error('no idea');
    };
    const { ended, ...thread } = await wantsToRun({
      serve: (r) => r.serve(command, fail, { onError: 'fallback' }),
    });
    expect(await ended).toMatchObject({ status: 'completed', items: ['declined'] });
    expect(thread.errors).toHaveLength(1);
    expect(thread.answered('fail')).toBe(1);
    expect(thread.file('ran')).toBeNull();
  });
});

describe('who has not decided yet has no say any more', () => {
  test.each<[string, (stream: TestStream, abort: AbortController) => unknown]>([
    ['closed', (stream) => stream.close()],
    [
      'aborted',
      (_, abort) => {
        abort.abort();
      },
    ],
  ])('when the stream is %s, but another client has', async (_, leave) => {
    const abort = new AbortController();
    const { handler, signals, say } = hesitant<Accept>();
    const { stream, threadId, request, ...thread } = await wantsToRun({
      options: { signal: abort.signal },
      serve: (r) => r.serve(command, handler),
    });
    await leave(stream, abort);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
    expect(thread.settlements).toMatchObject([{ outcome: 'lost', cause: 'closed', answer: null }]);
    expect(thread.pending()).toEqual([]);
    say(accept());
    await until(() => stream.requests.stats().late === 1);
    await expect(stream.requests.answer(request, accept())).rejects.toMatchObject({
      kind: 'settled',
    });
    expect(answersSent(stream)).toEqual([]);

    const other = codex().stream();
    await other.connect();
    const again = firstValueFrom(other.requests.opened$);
    const completed = firstValueFrom(other.events$.pipe(ofAppServer('turn/completed')));
    await other.call('thread/resume', { threadId, excludeTurns: true });
    expect((await again).requestId).toBe(request.requestId);
    await other.requests.answer(await again, decline());
    expect((await completed).payload.params.turn.status).toBe('completed');
    expect(codex().model.requests.at(-1)?.toolOutputs).toEqual([
      expect.stringContaining('rejected by user'),
    ]);
    expect(thread.file('ran')).toBeNull();
  });

  test('when the handler is removed, and the next one has', async () => {
    const { handler, signals, say } = hesitant<Accept>();
    const { stream, ended, ...thread } = await wantsToRun();
    const handling = stream.requests.serve(command, handler);
    await until(() => signals.length === 1);
    handling.unsubscribe();
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
    say(accept());
    await until(() => stream.requests.stats().late === 1);
    await thread.waits();
    stream.requests.serve(command, function next() {
      return decline();
    });
    expect(await ended).toMatchObject({ status: 'completed', items: ['declined'] });
    expect(thread.decisions).toMatchObject([{ by: 'next', answer: decline() }]);
    expect(thread.file('ran')).toBeNull();
  });
});

describe('a policy', () => {
  test('decides what its rules are about, and leaves the rest to the next handler', async () => {
    const secret = join(codex().cwd, 'secret');
    const left: (string | null)[] = [];
    const thread = await openAskingThread(codex(), {
      serve(requests) {
        const rules = [
          deny({ command: /secret/ }, 'keep off the secret'),
          deny({ path: secret }),
          allow({ command: /^touch / }),
          allow({ path: /new$/ }, 'new files are fine'),
        ];
        requests.serve(approvals, policy(rules));
        requests.serve(
          approvals,
          ({ kind, params }) => {
            left.push(
              kind === 'commandExecution' && 'command' in params ? String(params.command) : kind,
            );
            return decline();
          },
          { name: 'a human' },
        );
      },
    });
    const commands = ['touch allowed', 'touch secret', 'touch a; touch stolen', 'rm -f allowed'];
    const files = ['new', join(secret, 'new'), 'other'];
    const turn = await thread.run([
      ...commands.map((cmd) => execCommand(cmd, 'because')),
      ...files.map((file) => addFile(file, 'text')),
      text('Well.'),
    ]);
    expect(turn).toMatchObject({
      status: 'completed',
      items: ['completed', 'declined', 'declined', 'declined', 'completed', 'declined', 'declined'],
    });
    expect(thread.decisions.map(({ by, why, answer }) => [by, why, answer])).toEqual([
      ['policy', 'allow command /^touch /', accept()],
      ['policy', 'keep off the secret', decline()],
      ['a human', null, decline()],
      ['a human', null, decline()],
      ['policy', 'new files are fine', accept()],
      ['policy', `deny path ${secret}`, decline()],
      ['a human', null, decline()],
    ]);
    expect(left).toEqual([
      expect.stringContaining('touch a; touch stolen'),
      expect.stringContaining('rm -f allowed'),
      'fileChange',
    ]);
    expect(['allowed', 'a', 'stolen', 'new', 'other'].map(thread.file)).toEqual([
      '',
      null,
      null,
      'text\n',
      null,
    ]);
    expect(existsSync(secret)).toBe(false);
    expect(thread.pending()).toEqual([]);
  });
});
