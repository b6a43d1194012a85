import { describe, expect, jest, test } from '@jest/globals';
import { forThread, ofAppServerRequest, ofType, requestType, type AnswerFault } from 'codex-rx';
import { marbles } from 'codex-rx/testing';
import { EMPTY, NEVER, Observable, of, Subject, throwError, timer } from 'rxjs';
import {
  AnswerError,
  createRequests,
  toolResult,
  type RequestHandler,
  type RequestMatcher,
  type ServerRequest,
  type Sent,
} from '../../lib/requests/index.js';
import { ask, call, command, onItsWay, resolved, stage, turnEnded, portOf } from './stage.js';
import { accept, answers, decline, grant } from '../support/answers.js';

const tick = () => new Promise((resolve) => setImmediate(resolve));
const approval = 'item/commandExecution/requestApproval';

describe('serve', () => {
  test.each<[string, RequestHandler]>([
    ['a value', () => decline()],
    ['a promise', async () => decline()],
    ['an Observable', () => of(decline(), accept())],
  ])('answers with %s', async (_, handler) => {
    const { observe, requests, sent, ends } = stage();
    requests.serve(approval, handler as never);
    observe(command(0));
    await tick();
    expect(sent.map(({ answer }) => answer)).toEqual([{ decision: 'decline' }]);
    expect(ends()).toEqual(['0 answered accepted']);
  });

  test.each<[string, RequestMatcher]>([
    ['a method', 'item/tool/call'],
    ['a method in its other spelling', 'item.tool.call'],
    ['several methods', ['item/tool/call', 'item/tool/requestUserInput']],
    ['a matcher', ofAppServerRequest('item/tool/call')],
    ['a test', ({ kind }: ServerRequest) => kind === 'dynamicToolCall'],
  ])('takes what %s says', (_, matcher) => {
    const { observe, requests } = stage();
    const seen: unknown[] = [];
    requests.serve(matcher as 'item/tool/call', ({ requestId }) => void seen.push(requestId));
    observe(command(0));
    observe(call(1));
    expect(seen).toEqual([1]);
  });

  test('takes what is open already', () => {
    const { observe, requests, ends } = stage();
    observe(command(0));
    requests.serve(approval, () => decline());
    expect(ends()).toEqual(['0 answered accepted']);
  });

  test('runs a handler once, over replays, reconnections and routes', () => {
    const { observe, requests, interrupted, reconcile, revision } = stage();
    const handler = jest.fn<RequestHandler>(() => NEVER);
    requests.serve(approval, handler as never);
    requests.serve(forThread('t'), handler);
    observe(command(0));
    observe(command(0));
    interrupted();
    reconcile(revision(), [command(0)], () => true);
    requests.serve(() => true, handler);
    expect(handler).toHaveBeenCalledTimes(1);
  });

  test('passes a request on to the next handler, in the order of registration', async () => {
    const { observe, requests, decisions } = stage();
    const order: string[] = [];
    const passing = [
      () => undefined,
      () => EMPTY,
      () => Promise.resolve(undefined),
      () => of(undefined),
    ];
    for (const [index, pass] of passing.entries()) {
      requests.serve(approval, () => {
        order.push(`pass ${index}`);
        return pass();
      });
    }
    requests.serve(approval, function human() {
      order.push('human');
      return accept();
    });
    requests.serve(approval, () => {
      order.push('too late');
      return accept();
    });
    observe(command(0));
    await tick();
    expect(order).toEqual(['pass 0', 'pass 1', 'pass 2', 'pass 3', 'human']);
    expect(decisions).toEqual([[0, accept(), 'human', null]]);
  });

  test('leaves open and visible what its handler fails on, reports it, and asks nobody else', async () => {
    const boom = () => {
      throw new Error('boom');
    };
    for (const handler of [
      boom,
      () => Promise.reject(new Error('boom')),
      () => throwError(() => new Error('boom')),
      () =>
        new Observable<never>(() => {
          boom();
        }),
    ]) {
      const { observe, requests, errors, pending, sent } = stage();
      requests.serve(approval, handler, { name: 'mine' });
      requests.serve(approval, () => accept());
      observe(command(0));
      await tick();
      requests.serve(approval, () => accept());
      expect(errors).toEqual([
        'Route "mine" failed in its handler on app_server.request.item.command_execution.request_approval: boom',
      ]);
      expect(pending.at(-1)).toEqual([0]);
      expect(sent).toEqual([]);
    }
  });

  test('asks nobody if it cannot tell whether a handler is meant', () => {
    const { observe, requests, errors, sent } = stage();
    requests.serve(
      () => {
        throw new Error('boom');
      },
      () => decline(),
    );
    requests.serve(approval, () => accept());
    observe(command(0));
    expect(errors).toEqual([expect.stringContaining('failed in its matcher')]);
    expect(sent).toEqual([]);
  });

  test('writes errors to the log if nothing listens, and a log that throws harms nothing', () => {
    const seen: unknown[] = [];
    const error = jest.fn((message: string, cause: unknown): void => {
      seen.push(message, cause);
      throw new Error('full');
    });
    const port = portOf(() => NEVER);
    const { requests, observe } = createRequests(port, 1_000, { warn: error as never, error });
    requests.serve(approval, () => {
      throw new Error('boom');
    });
    observe(command(0));
    observe(command(1));
    expect(seen).toEqual([
      expect.stringMatching(/^codex-rx: .*boom/),
      expect.objectContaining({ kind: 'handler' }),
      expect.stringMatching(/^codex-rx: .*boom/),
      expect.objectContaining({ kind: 'handler' }),
    ]);
  });

  test('lets the fallback answer for a handler that fails, if asked', () => {
    const { observe, requests, decisions, errors } = stage();
    requests.serve(
      approval,
      () => {
        throw new Error('boom');
      },
      { onError: 'fallback', name: 'mine' },
    );
    observe(command(0));
    expect(errors).toHaveLength(1);
    expect(decisions).toEqual([[0, decline(), 'mine', 'its handler failed']]);
  });

  test.each([
    [approval, decline()],
    ['item/fileChange/requestApproval', decline()],
    ['execCommandApproval', { decision: { denied: { rejection: 'no answer came within 50 ms' } } }],
    ['item/permissions/requestApproval', grant({})],
    ['item/tool/requestUserInput', answers({})],
    ['mcpServer/elicitation/request', { action: 'decline', content: null }],
    ['item/tool/call', toolResult('no answer came within 50 ms', { success: false })],
  ])('grants nothing when the deadline of %s passes', (method, answer) => {
    marbles(() => {
      const { observe, requests, sent, ends } = stage();
      let signal: AbortSignal | undefined;
      requests.serve(
        ofType(requestType(method)),
        (_, context) => {
          ({ signal } = context);
          return NEVER;
        },
        { timeout: 50 },
      );
      observe(ask(method, 0));
      timer(49).subscribe(() => expect(sent).toEqual([]));
      timer(51).subscribe(() => {
        expect(sent.map((one) => one.answer)).toEqual([answer]);
        expect(signal?.aborted).toBe(true);
        expect(ends()).toEqual(['0 answered accepted']);
      });
    });
  });

  test('leaves open what nothing can decline', () => {
    marbles(() => {
      const { observe, requests, errors, pending } = stage();
      requests.serve('currentTime/read', () => NEVER, { timeout: 50 });
      observe(ask('currentTime/read', 0));
      timer(51).subscribe(() => {
        expect(errors).toEqual([expect.stringContaining('no fallback for currentTime/read')]);
        expect(pending.at(-1)).toEqual([0]);
      });
    });
  });

  test('takes a fallback of your own, unless it approves, fails or does not fit', () => {
    marbles(() => {
      const { observe, requests, errors, sent } = stage();
      const fallbacks = [
        () => toolResult('later', { success: false }),
        () => accept(),
        () => {
          throw new Error('boom');
        },
        () => ({ decision: 'abort' }),
      ];
      for (const [id, fallback] of fallbacks.entries()) {
        requests.serve(
          ({ requestId }) => requestId === id,
          () => NEVER,
          {
            timeout: 5,
            fallback: fallback as never,
          },
        );
      }
      observe(call(0));
      for (const id of [1, 2, 3]) observe(command(id));
      timer(6).subscribe(() => {
        expect(sent.map(({ answer }) => answer)).toEqual([toolResult('later', { success: false })]);
        expect(errors).toEqual([
          expect.stringContaining('A fallback must not approve.'),
          expect.stringContaining('boom'),
          expect.stringContaining('answer.decision must be'),
        ]);
      });
    });
  });

  test('ignores and counts answers that come late', async () => {
    const { observe, requests, sent, opened } = stage();
    const late = new Subject<void>();
    let signal: AbortSignal | undefined;
    requests.serve(approval, async (_, context) => {
      ({ signal } = context);
      await new Promise<void>((resolve) => late.subscribe(resolve));
      return accept();
    });
    observe(command(0));
    void requests.answer(opened[0]! as never, decline());
    expect(signal?.reason).toEqual(new Error(`${approval}: it is answered.`));
    late.next();
    await tick();
    expect(sent.map(({ answer }) => answer)).toEqual([decline()]);
    expect(requests.stats().late).toBe(1);
  });

  test('counts as late what comes while another answer is on its way', async () => {
    const { observe, requests, sent, opened, errors } = stage(onItsWay);
    const answer = new Subject<ReturnType<typeof accept>>();
    requests.serve(approval, () => answer);
    observe(command(0));
    void requests.answer(opened[0]! as never, decline());
    answer.next(accept());
    expect(sent).toHaveLength(1);
    expect(requests.stats().late).toBe(1);
    expect(errors).toEqual([]);
  });

  test.each<[string, (all: ReturnType<typeof stage>) => void]>([
    ['is answered elsewhere', ({ observe }) => observe(resolved(0))],
    ['expires', ({ observe }) => observe(turnEnded())],
    ['is lost', ({ restarted, revision }) => restarted(revision())],
    ['ends with the stream', ({ close }) => close()],
  ])('aborts a handler when its request %s, and does not abort one that has answered', (_, end) => {
    const all = stage();
    const signals: AbortSignal[] = [];
    let isTornDown = false;
    all.requests.serve(approval, ({ requestId }, { signal }) => {
      signals.push(signal);
      return requestId === 1 ? decline() : new Observable(() => () => (isTornDown = true));
    });
    all.observe(command(1));
    all.observe(command(0));
    end(all);
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, true]);
    expect(isTornDown).toBe(true);
  });

  test('removed, it sees nothing more, and who comes next may answer', () => {
    const { observe, requests, decisions, pending } = stage();
    let signal: AbortSignal | undefined;
    const first = requests.serve(approval, (_, context) => {
      ({ signal } = context);
      return NEVER;
    });
    observe(command(0));
    observe(call(7));
    first.unsubscribe();
    first.unsubscribe();
    expect(signal?.aborted).toBe(true);
    observe(command(1));
    expect(pending.at(-1)).toEqual([0, 7, 1]);
    requests.serve(approval, () => decline(), { name: 'second' });
    expect(decisions).toEqual([
      [0, decline(), 'second', null],
      [1, decline(), 'second', null],
    ]);
  });

  test('is not asked for what is being answered already', () => {
    const reply = new Subject<Sent>();
    const { observe, requests, opened, sent } = stage(() => reply);
    observe(command(0));
    void requests.answer(opened[0]! as never, accept());
    const handler = jest.fn(() => decline());
    requests.serve(approval, handler);
    expect(handler).not.toHaveBeenCalled();
    const error = new AnswerError('refused', 'no');
    reply.next({ status: 'failed', error, uncertain: false });
    expect(handler).toHaveBeenCalledTimes(1);
    expect(sent).toHaveLength(2);
  });

  test.each<[AnswerFault, boolean]>([
    ['unfit', true],
    ['too-large', true],
    ['refused', true],
    ['unreachable', false],
    ['unanswerable', false],
    ['unknown', false],
  ])('an answer that is %s gives way to the fallback: %s', (kind, isReplaced) => {
    const failed = { status: 'failed', error: new AnswerError(kind, 'no'), uncertain: false };
    let answers = 0;
    const { observe, requests, decisions } = stage(() =>
      ++answers === 1 ? of(failed as Sent) : of<Sent>({ status: 'answered' }),
    );
    requests.serve(approval, () => accept(), { onError: 'fallback', name: 'mine' });
    observe(command(0));
    expect(decisions.map((decision) => (decision as readonly unknown[])[1])).toEqual(
      isReplaced ? [accept(), expect.objectContaining(decline())] : [accept()],
    );
  });

  test('an answer that was not taken is reported, and the handler is not run again', () => {
    const error = new AnswerError('too-large', 'too large');
    const { observe, requests, errors, pending } = stage(() =>
      of<Sent>({ status: 'failed', error, uncertain: false }),
    );
    const handler = jest.fn(() => toolResult('x'));
    requests.serve('item/tool/call', handler);
    observe(call(0));
    observe(call(0));
    expect(handler).toHaveBeenCalledTimes(1);
    expect(errors).toEqual([expect.stringContaining('too large')]);
    expect(pending.at(-1)).toEqual([0]);
  });

  test('does not observe what cannot be answered', () => {
    const { observe, requests } = stage();
    const handler = jest.fn(() => undefined);
    requests.serve(() => true, handler);
    observe(ask('unanswerable', 0));
    expect(handler).not.toHaveBeenCalled();
  });

  test('lets a handler say why', () => {
    const { observe, requests, decisions } = stage();
    requests.serve(
      approval,
      (_, { because }) => {
        because('rule 7');
        return decline();
      },
      { name: 'rules' },
    );
    observe(command(0));
    expect(decisions).toEqual([[0, decline(), 'rules', 'rule 7']]);
  });

  test('a handler that settles its request otherwise, and waits, is told', () => {
    const { observe, requests } = stage();
    let signal: AbortSignal | undefined;
    requests.serve(approval, (_, context) => {
      ({ signal } = context);
      void requests.answer(command(0) as never, decline());
      return NEVER;
    });
    observe(command(0));
    expect(signal?.aborted).toBe(true);
  });

  test.each<[string, unknown, unknown, object]>([
    ['"handler" must be a function', approval, null, {}],
    ['"matcher" must be a method', [], () => undefined, {}],
    ['"matcher" must be a method', 5, () => undefined, {}],
    ['"fallback" must be a function', approval, () => undefined, { fallback: 5 }],
    [
      '"onError" must be "leave" or "fallback", not never',
      approval,
      () => undefined,
      { onError: 'never' },
    ],
    ['"timeout" must be a number', approval, () => undefined, { timeout: -1 }],
  ])('%s', (message, matcher, handler, options) => {
    const { requests } = stage();
    expect(() => requests.serve(matcher as never, handler as never, options)).toThrow(message);
  });
});

describe('nothing is approved unless code of the user says so', () => {
  const kinds = [
    approval,
    'item/fileChange/requestApproval',
    'execCommandApproval',
    'applyPatchApproval',
    'item/permissions/requestApproval',
    'item/tool/requestUserInput',
    'mcpServer/elicitation/request',
    'item/tool/call',
  ];
  const sends = (
    play: (all: ReturnType<typeof stage>) => void,
    after: (all: ReturnType<typeof stage>) => void = () => undefined,
  ) => {
    let sent: unknown[] = [];
    marbles(() => {
      const all = stage();
      play(all);
      for (const [id, method] of kinds.entries()) all.observe(ask(method, id));
      timer(100).subscribe(() => {
        after(all);
        all.close();
        sent = all.sent.map(({ answer }) => answer);
      });
    });
    return sent;
  };
  const granting = /accept|approved|"fileSystem"|"network"|"success":true/;

  test('with no handler', () => {
    expect(sends(() => undefined)).toEqual([]);
  });

  test('with handlers that fail, pass, or never answer', () => {
    expect(
      sends(({ requests }) => {
        requests.serve(
          ({ requestId }) => requestId === 0,
          () => {
            throw new Error('boom');
          },
        );
        requests.serve(
          ({ requestId }) => requestId === 1,
          () => throwError(() => 1),
        );
        requests.serve(
          ({ requestId }) => requestId === 2,
          () => undefined,
        );
        requests.serve(
          ({ requestId }) => Number(requestId) > 2,
          () => NEVER,
        );
      }),
    ).toEqual([]);
  });

  test('after a deadline, and for handlers that fail with a fallback', () => {
    for (const options of [{ timeout: 10 }, { timeout: 10, onError: 'fallback' as const }]) {
      const sent = sends(({ requests }) => {
        requests.serve(
          ({ requestId }) => Number(requestId) < 4,
          () => NEVER,
          options,
        );
        requests.serve(
          () => true,
          () => throwError(() => 1),
          options,
        );
      });
      expect(sent).toHaveLength(options.onError ? 8 : 4);
      expect(JSON.stringify(sent)).not.toMatch(granting);
    }
  });

  test('when a handler is aborted, or the stream is closed', () => {
    const handler: RequestHandler = (_, { signal }) =>
      new Observable((subscriber) => {
        signal.addEventListener('abort', () => subscriber.next(accept()));
      });
    expect(sends(({ requests }) => void requests.serve(() => true, handler))).toEqual([]);
    expect(
      sends(
        ({ requests }) => void requests.serve(() => true, handler),
        ({ restarted, revision }) => restarted(revision()),
      ),
    ).toEqual([]);
  });

  test('with answers that are not known', () => {
    for (const answer of [{ decision: 'yes' }, { decision: true }, 'accept', true, {}, [], null]) {
      expect(
        sends(
          ({ requests }) =>
            void requests.serve(
              () => true,
              () => answer as never,
            ),
        ),
      ).toEqual([]);
    }
  });
});
