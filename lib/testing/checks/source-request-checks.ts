import { toolResult } from '../../requests/index.js';
import { ofAppServer } from '../../match/index.js';
import { checksOf } from './check.js';
import { eventually, expectSame, inTime } from './expectation.js';
import type { SourceStage } from './source-stage.js';

const call = { threadId: 't', turnId: 'u', callId: 'c', namespace: null, tool: 'x', arguments: {} };

/** How long to wait for an answer that must not come, in ms. */
const waitMs = 50;

const ask = (stage: SourceStage): void => {
  stage.ask(0, 'item/tool/call', call);
};

/** Resolves when the stream has read everything that the server has sent so far. */
async function drain(stage: SourceStage): Promise<void> {
  let seen = false;
  const route = stage.stream.on(ofAppServer('thread/name/updated'), () => {
    seen = true;
  });
  stage.notify('thread/name/updated', { threadId: 't', threadName: 'x' });
  await eventually('a further event', () => seen);
  route.unsubscribe();
}

/**
 * Collects the errors that would end the process, while a task runs. (Frameworks like jest do so
 * themselves, and fail the test.)
 */
async function uncaughtIn(task: () => Promise<void>): Promise<readonly string[]> {
  const errors: string[] = [];
  const record = (error: unknown) => errors.push(String(error));
  process.on('unhandledRejection', record);
  process.on('uncaughtException', record);
  try {
    await task();
    // Node reports a rejection after the microtasks of its tick.
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setTimeout(resolve));
  } finally {
    process.off('unhandledRejection', record);
    process.off('uncaughtException', record);
  }
  return errors;
}

/** The checks of requests, and of errors that would end the process. */
export const sourceRequestChecks = checksOf<SourceStage>({
  async 'hands a server request to one handler, once, though it comes again'(stage) {
    const log: string[] = [];
    const { requests } = stage.stream;
    for (const name of ['first', 'second']) {
      requests.serve('item/tool/call', () => {
        log.push(name);
        return toolResult('done');
      });
    }
    await inTime('connect() to resolve', stage.stream.connect());
    ask(stage);
    ask(stage);
    await eventually('an answer at the server', () => stage.answered().length > 0);
    ask(stage);
    await drain(stage);
    expectSame('one handler to be called', log.length, 1);
    // A server that repeats a request may have missed the answer, which may be sent again.
    const unasked = stage.answered().filter((id, times) => id !== 0 || times > 2);
    expectSame('no answer that the server did not ask for', unasked, []);
  },
  async 'leaves a server request open without a handler'(stage) {
    let pending = 0;
    stage.stream.requests.pending$.subscribe(({ length }) => {
      pending = length;
    });
    await inTime('connect() to resolve', stage.stream.connect());
    ask(stage);
    const isKnown = () => pending > 0 || stage.answered().length > 0;
    await eventually('the request on requests.pending$', isKnown);
    await new Promise((resolve) => setTimeout(resolve, waitMs));
    expectSame('no answer at the server', stage.answered(), []);
    expectSame('it to be open still', pending, 1);
  },
  async 'keeps a failing handler to itself, and reports it'(stage) {
    const reported: string[] = [];
    const log: string[] = [];
    stage.stream.router.errors$.subscribe(({ cause }) => {
      reported.push((cause as Error).message);
    });
    stage.stream.on(ofAppServer('thread/name/updated'), () => {
      throw new Error('boom');
    });
    stage.stream.on(ofAppServer('thread/name/updated'), () => log.push('after'));
    await inTime('connect() to resolve', stage.stream.connect());
    await drain(stage);
    await drain(stage);
    expectSame('the failures on router.errors$', reported, ['boom', 'boom']);
    expectSame('the other handler to go on', log, ['after', 'after']);
  },
  async 'lets nothing escape that would end the process'(stage) {
    const { stream } = stage;
    const errors = await uncaughtIn(async () => {
      void stream.connect();
      stream.on(ofAppServer('thread/name/updated'), () => Promise.reject(new Error('handler')));
      stream.router.errors$.subscribe();
      await inTime('connect() to resolve', stream.connect());
      stage.garble();
      await drain(stage);
      stage.drop();
      void stream.connect();
      await inTime('close() to resolve', stream.close());
      void stream.connect();
    });
    expectSame('no uncaught error', errors, []);
  },
});
