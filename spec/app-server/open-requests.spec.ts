import { describe, expect, test } from '@jest/globals';
import { marbles } from 'codex-rx/testing';
import { timer } from 'rxjs';
import { createOpenRequests, type OpenRequests } from '../../lib/app-server/open-requests.js';
import { toEvent } from '../../lib/app-server/to-event.js';

const approval = (id: number | string, params: object = {}) =>
  toEvent({
    method: 'item/commandExecution/requestApproval',
    id,
    params: { threadId: 't', turnId: 'u', itemId: 'i', ...params },
  });

const told = (method: string, params: object) => toEvent({ method, params });

const toolCall = toEvent({
  method: 'item/tool/call',
  id: 1,
  params: { threadId: 't', turnId: 'u', callId: 'c', tool: 'x' },
});

function play(
  script: (stage: {
    requests: OpenRequests;
    sent: string[];
    ids: () => unknown[];
    at: (time: number, task: () => void) => void;
  }) => void,
  isOpen = () => true,
): void {
  marbles(() => {
    const sent: string[] = [];
    const requests = createOpenRequests((text) => isOpen() && sent.push(text) > 0, 50);
    script({
      requests,
      sent,
      ids: () => requests.list().map(({ request }) => request.requestId),
      at: (time, task) => {
        timer(time).subscribe(task);
      },
    });
    timer(10_000).subscribe(() => {
      requests.close();
    });
  });
}

const accept = { result: { decision: 'accept' } };

describe('open requests', () => {
  test('are handed out once, and answered once', () => {
    play(({ requests, sent, ids }) => {
      expect(requests.open(approval(0))).toBe(true);
      expect(requests.open(approval(0))).toBe(false);
      expect(ids()).toEqual([0]);
      expect(requests.answer(approval(0), accept)).toBe(true);
      expect(requests.answer(approval(0), accept)).toBe(false);
      expect(ids()).toEqual([]);
      expect(sent).toEqual(['{"id":0,"result":{"decision":"accept"}}']);
    });
  });

  test('only those that came can be answered', () => {
    play(({ requests, sent }) => {
      requests.open(approval(0));
      expect(requests.answer(approval(1), accept)).toBe(false);
      expect(requests.answer(approval(0, { turnId: 'before the restart' }), accept)).toBe(false);
      expect(requests.answer({ ...approval(0), requestId: null }, accept)).toBe(false);
      expect(sent).toEqual([]);
    });
  });

  test.each<[string, object, string]>([
    ['a result', { result: { x: 1 } }, '"result":{"x":1}'],
    ['no result', { result: undefined }, '"result":null'],
    ['an error', { error: { code: 5, message: 'no' } }, '"error":{"code":5,"message":"no"}'],
  ])('%s is sent as it is', (_, answer, text) => {
    play(({ requests, sent }) => {
      for (const id of [0, 'a', '9223372036854775807']) {
        requests.open(approval(id));
        requests.answer(approval(id), answer as typeof accept);
      }
      expect(sent).toEqual([
        `{"id":0,${text}}`,
        `{"id":"a",${text}}`,
        `{"id":9223372036854775807,${text}}`,
      ]);
    });
  });

  test('one that is sent again gets the answer that it has, and is not handed out', () => {
    let isOpen = false;
    play(
      ({ requests, sent }) => {
        requests.open(approval(0));
        expect(requests.answer(approval(0), accept)).toBe(true);
        expect(sent).toEqual([]);
        isOpen = true;
        expect(requests.open(approval(0))).toBe(false);
        expect(sent).toEqual(['{"id":0,"result":{"decision":"accept"}}']);
      },
      () => isOpen,
    );
  });

  test('of a connection that is lost are answered when they are sent again, not on the next one before', () => {
    play(({ requests, sent, ids }) => {
      requests.open(approval(0));
      requests.open(approval(1));
      requests.open(toEvent({ method: 'attestation/generate', id: 2 }));
      requests.lose();
      expect(ids()).toEqual([0, 1]);
      expect(requests.answer(approval(0), accept)).toBe(true);
      expect(requests.answer(approval(0), accept)).toBe(false);
      expect(sent).toEqual([]);
      requests.open(approval(0));
      requests.open(approval(1));
      expect(requests.answer(approval(1), accept)).toBe(true);
      expect(sent).toEqual([0, 1].map((id) => `{"id":${id},"result":{"decision":"accept"}}`));
    });
  });

  test('with the same id, but of something else, are others', () => {
    play(({ requests, ids }) => {
      requests.open(approval(0));
      for (const params of [
        { threadId: 't2' },
        { turnId: 'u2' },
        { itemId: 'i2' },
        { approvalId: 'a' },
        { callId: 'c' },
      ]) {
        expect(requests.open(approval(0, params))).toBe(true);
      }
      expect(requests.open(toEvent({ method: 'attestation/generate', id: 0 }))).toBe(true);
      expect(ids()).toHaveLength(7);
    });
  });

  test('of no turn are told apart by what they ask: none gets the answer of another', () => {
    const elicitation = (message: string) =>
      toEvent({
        method: 'mcpServer/elicitation/request',
        id: 0,
        params: { threadId: 't', turnId: null, message },
      });
    play(({ requests, sent }) => {
      requests.open(elicitation('May I read?'));
      requests.answer(elicitation('May I read?'), accept);
      requests.lose();
      sent.length = 0;
      expect(requests.open(elicitation('May I write?'))).toBe(true);
      expect(sent).toEqual([]);
      expect(requests.open(elicitation('May I read?'))).toBe(false);
      expect(sent).toHaveLength(1);
    });
  });

  test.each<[string, ReturnType<typeof told>]>([
    ['it was resolved', told('serverRequest/resolved', { threadId: 't', requestId: 0 })],
    [
      'its turn has ended',
      told('turn/completed', { threadId: 't', turn: { id: 'u', status: 'interrupted' } }),
    ],
  ])('settle when %s', (_, event) => {
    play(({ requests, ids }) => {
      requests.see(event);
      requests.open(approval(0));
      requests.see(event);
      expect(ids()).toEqual([]);
      expect(requests.answer(approval(0), accept)).toBe(false);
      expect(requests.open(approval(0))).toBe(true);
    });
  });

  test('a tool call settles with its item, which the server does not resolve', () => {
    play(({ requests, ids }) => {
      requests.open(toolCall);
      requests.open(approval(0));
      const ended = (id: unknown, threadId = 't') =>
        told('item/completed', { threadId, turnId: 'u', item: { id } });
      for (const event of [ended('x'), ended('c', 't2'), ended(undefined)]) requests.see(event);
      requests.see(told('item/completed', {}));
      expect(ids()).toEqual([1, 0]);
      requests.see(ended('c'));
      expect(ids()).toEqual([0]);
    });
  });

  test('do not settle with what concerns others', () => {
    play(({ requests, ids }) => {
      requests.open(approval(0));
      for (const event of [
        told('serverRequest/resolved', { threadId: 't', requestId: 1 }),
        told('serverRequest/resolved', { threadId: 't', requestId: '0' }),
        told('serverRequest/resolved', { threadId: 't2', requestId: 0 }),
        told('turn/completed', { threadId: 't', turn: { id: 'u2' } }),
        told('turn/completed', { threadId: 't2', turn: { id: 'u' } }),
        told('turn/started', { threadId: 't', turn: { id: 'u' } }),
      ]) {
        requests.see(event);
      }
      expect(ids()).toEqual([0]);
    });
  });

  test('one of no thread is done with its answer: nothing will tell that it is settled', () => {
    play(({ requests, sent, ids }) => {
      const event = toEvent({ method: 'attestation/generate', id: 3, params: {} });
      expect(requests.open(event)).toBe(true);
      expect(requests.answer(event, { result: {} })).toBe(true);
      expect(requests.answer(event, { result: {} })).toBe(false);
      expect(sent).toHaveLength(1);
      expect(ids()).toEqual([]);
      expect(requests.open(event)).toBe(true);
    });
  });

  test('those of a server that began anew are forgotten, those of the new one are not', () => {
    play(({ requests, ids, at }) => {
      requests.open(approval(0));
      requests.open(approval(1));
      requests.answer(approval(1), accept);
      at(10, () => {
        requests.open(approval(0, { turnId: 'new' }));
        requests.forget(10);
        expect(ids()).toEqual([0]);
        expect(requests.answer(approval(0), accept)).toBe(false);
        expect(requests.answer(approval(0, { turnId: 'new' }), accept)).toBe(true);
        expect(requests.open(approval(1))).toBe(true);
      });
    });
  });

  test('those that were not sent again, of threads that were resumed, were settled meanwhile', () => {
    play(({ requests, ids, at }) => {
      requests.open(approval(0));
      requests.open(approval(1));
      requests.open(approval(2, { threadId: 'not resumed' }));
      at(10, () => {
        requests.open(approval(1));
        requests.settleUnseen(10, new Set(['t']));
        expect(ids()).toEqual([1, 2]);
      });
    });
  });

  test('are listed with their age, the oldest first', () => {
    play(({ requests, at }) => {
      at(1, () => requests.open(approval(5)));
      at(3, () => requests.open(approval(4)));
      at(9, () => {
        expect(requests.list()).toEqual(
          [
            { request: approval(5), openedAt: 1, age: 8 },
            { request: approval(4), openedAt: 3, age: 6 },
          ].map((open) => ({ ...open, request: { ...open.request, payload: expect.anything() } })),
        );
      });
    });
  });

  test('tell of themselves when they wait for long, once, and not when they are settled', () => {
    const late: unknown[] = [];
    play(({ requests, at }) => {
      requests.late$.subscribe({
        next: ({ request, age }) => late.push([request.requestId, age]),
        complete: () => late.push('complete'),
      });
      for (const id of [0, 1, 2]) requests.open(approval(id));
      at(20, () => {
        requests.open(approval(0));
        requests.answer(approval(1), accept);
        requests.see(told('serverRequest/resolved', { threadId: 't', requestId: 2 }));
      });
    });
    expect(late).toEqual([[0, 50], 'complete']);
  });
});
