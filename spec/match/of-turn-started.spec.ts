import { describe, expect, test } from '@jest/globals';
import { ofTurnStarted } from 'codex-rx';
import { envelope, marbles } from 'codex-rx/testing';
import { managerFrames } from '../recordings/index.js';
import { testMatcherLaws } from './properties.js';

const a = envelope('app_server.turn.started');
const b = envelope('app_server.item.started');
const c = envelope('app_server.codex.event.task_started');

describe('ofTurnStarted', () => {
  test('passes the start of a turn, once a turn, and not the start of its items', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('-b-c-a-b-b-a-b-|', { a, b, c });
      const subs = '      ^--------------!';
      const expected = '  -----a-----a---|';
      expectObservable(source.pipe(ofTurnStarted())).toBe(expected, { a });
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('finds each turn of a recorded session once', () => {
    const started = managerFrames
      .filter(({ file }) => file === '12-misc-events.jsonl')
      .map(({ frame }) => frame as unknown as ReturnType<typeof envelope>)
      .filter(ofTurnStarted().test)
      .map(({ payload }) => payload.params.turn.id);
    expect(started).toHaveLength(6);
    expect(new Set(started).size).toBe(6);
  });

  test('is named by what it matches', () => {
    expect(ofTurnStarted().name).toBe('ofAppServer(turn/started)');
  });

  testMatcherLaws(ofTurnStarted());
});
