import { describe, expect, test } from '@jest/globals';
import { connectManager, defineSkill, remoteSkills, toolResult } from 'codex-rx';
import { fakeTransport, marbles } from 'codex-rx/testing';
import { EMPTY, from, map, NEVER, of, timer } from 'rxjs';
import { z } from 'zod';
import { runSkill } from '../../lib/skills/run-skill.js';
import { callOf, text, weather } from './stage.js';

const stream = connectManager({ url: 'ws://fake', transport: fakeTransport().open });

const skill = (handler: (input: unknown, context: { signal: AbortSignal }) => unknown, more = {}) =>
  defineSkill({ name: 'x', description: 'x', handler, ...more });

const skillsOf = (...skills: Parameters<typeof remoteSkills>[1]['skills']) =>
  remoteSkills(stream, { skills, threadId: 't' });

describe('a call', () => {
  test('runs the skill with what its schema makes of the arguments', async () => {
    expect(await skillsOf(weather).dispatch(callOf('get_weather', { city: 'Paris' }))).toEqual({
      tool: 'get_weather',
      outcome: 'done',
      answer: text('Sunny in Paris for 1.'),
      error: null,
    });
  });

  test.each<[string, unknown, object]>([
    ['text', 'x', text('x')],
    ['an object', { a: [1] }, text('{"a":[1]}')],
    ['a number', 0, text('0')],
    ['nothing', undefined, text('null')],
    ['a function', () => 1, text('null')],
    ['content items', toolResult('no', { success: false }), text('no', false)],
    ['a promise', Promise.resolve('later'), text('later')],
    ['an Observable', from(['first', 'second']), text('first')],
    ['an Observable of nothing', EMPTY, text('null')],
  ])('answers with %s', async (_what, result, answer) => {
    const dispatched = await skillsOf(skill(() => result)).dispatch(callOf('x'));
    expect(dispatched).toMatchObject({ outcome: 'done', answer });
  });

  test('tells the agent what was wrong with its arguments, and runs nothing', async () => {
    const ran: unknown[] = [];
    const skills = skillsOf(
      defineSkill({
        name: 'book',
        description: 'Books.',
        input: z.object({ at: z.object({ hour: z.number() }), who: z.string() }),
        handler: (input) => ran.push(input),
      }),
    );
    expect(await skills.dispatch(callOf('book', { at: { hour: 'noon' } }))).toEqual({
      tool: 'book',
      outcome: 'invalid',
      answer: text(
        'book was not run, for its arguments are not valid: at.hour: Invalid input: expected number, ' +
          'received string; who: Invalid input: expected string, received undefined.',
        false,
      ),
      error: null,
    });
    expect(await skills.dispatch(callOf('book', null))).toMatchObject({ outcome: 'invalid' });
    expect(ran).toEqual([]);
  });

  test('is checked by a schema that takes its time', async () => {
    const input = z.object({ n: z.number().refine((n) => Promise.resolve(n > 1), 'too small') });
    const skills = skillsOf(skill(() => 'ok', { input }));
    expect(await skills.dispatch(callOf('x', { n: 1 }))).toMatchObject({
      answer: text('x was not run, for its arguments are not valid: n: too small.', false),
    });
    expect(await skills.dispatch(callOf('x', { n: 2 }))).toMatchObject({ outcome: 'done' });
  });

  test.each([
    ['is none of these', callOf('other')],
    ['stands in a namespace', callOf('get_weather', {}, { namespace: 'ui' })],
  ])('of a tool that %s fails, and the agent is told which there are', async (_what, call) => {
    const dispatched = await skillsOf(weather).dispatch(call);
    expect(dispatched.outcome).toBe('unknown');
    expect(dispatched.answer.success).toBe(false);
    expect(JSON.stringify(dispatched.answer)).toMatch(/There is no tool .*There is: get_weather\./);
  });

  const error = new Error('no network');
  test.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw error;
      },
    ],
    ['rejects', () => Promise.reject(error)],
    [
      'gives an Observable that errors',
      () =>
        timer(1).pipe(
          map(() => {
            throw error;
          }),
        ),
    ],
  ])('of a skill that %s fails, and the agent is told why', async (_what, handler) => {
    expect(await skillsOf(skill(handler)).dispatch(callOf('x'))).toEqual({
      tool: 'x',
      outcome: 'failed',
      answer: text('x failed: no network', false),
      error,
    });
  });

  test('fails if its result cannot be written as JSON', async () => {
    const dispatched = await skillsOf(skill(() => ({ n: 1n }))).dispatch(callOf('x'));
    expect(dispatched).toMatchObject({ outcome: 'failed', answer: { success: false } });
  });

  test('that takes too long is aborted, and the agent is told', () => {
    const signals: AbortSignal[] = [];
    marbles(({ expectObservable }) => {
      const slow = defineSkill({
        name: 'slow',
        description: 'Is slow.',
        handler(_input, { signal }) {
          signals.push(signal);
          return NEVER;
        },
      });
      const run$ = runSkill(slow, callOf('slow'), 5);
      expectObservable(run$).toBe('-----(d|)', {
        d: {
          tool: 'slow',
          outcome: 'timed-out',
          answer: text('slow failed: it took longer than 5 ms', false),
          error: new Error('it took longer than 5 ms'),
        },
      });
    });
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  });
});

describe('a call at once', () => {
  test('runs what needs no time', () => {
    const skills = skillsOf(
      weather,
      skill(() => of('now')),
    );
    expect(skills.dispatchSync(callOf('get_weather', { city: 'Paris' })).answer).toEqual(
      text('Sunny in Paris for 1.'),
    );
    expect(skills.dispatchSync(callOf('x')).answer).toEqual(text('now'));
    expect(skills.dispatchSync(callOf('get_weather', {})).outcome).toBe('invalid');
    expect(skills.dispatchSync(callOf('y')).outcome).toBe('unknown');
  });

  test.each<[string, () => unknown]>([
    ['resolves', () => Promise.resolve('x')],
    ['rejects', () => Promise.reject(new Error('unheard'))],
    ['never ends', () => NEVER],
  ])('fails for a skill whose promise %s, aborts it, and says what to use', (_what, handler) => {
    const signals: AbortSignal[] = [];
    const skills = skillsOf(
      skill((_input, { signal }) => {
        signals.push(signal);
        return handler();
      }),
    );
    const dispatched = skills.dispatchSync(callOf('x'));
    expect(dispatched).toMatchObject({ outcome: 'failed', error: expect.any(TypeError) });
    expect(dispatched.answer).toEqual(
      text(
        'x takes its time: run it with dispatch, respondTo or serve, and not with dispatchSync.',
        false,
      ),
    );
    expect(signals[0]?.aborted).toBe(true);
  });
});

describe('a signal', () => {
  test('ends a call, and the skill hears of it', async () => {
    const signals: AbortSignal[] = [];
    const skills = skillsOf(
      skill((_input, { signal }) => {
        signals.push(signal);
        return NEVER;
      }),
    );
    const abort = new AbortController();
    const dispatched = skills.dispatch(callOf('x'), { signal: abort.signal });
    abort.abort();
    expect(await dispatched).toMatchObject({ outcome: 'aborted', answer: { success: false } });
    expect(signals[0]?.aborted).toBe(true);
    expect(await skills.dispatch(callOf('x'), { signal: abort.signal })).toMatchObject({
      outcome: 'aborted',
    });
    expect(signals).toHaveLength(1);
  });

  test('is not aborted for a skill that is done', async () => {
    const signals: AbortSignal[] = [];
    const skills = skillsOf(skill((_input, { signal }) => signals.push(signal)));
    await skills.dispatch(callOf('x'));
    expect(signals[0]?.aborted).toBe(false);
  });
});

describe('skills', () => {
  test('know the calls of their thread', () => {
    const strict = skillsOf(weather);
    const modest = remoteSkills(stream, { skills: [weather], threadId: 't', unknown: 'leave' });
    const unbound = remoteSkills(stream, { skills: [weather] });
    const calls = [
      callOf('get_weather'),
      callOf('get_weather', {}, { threadId: 'other' }),
      callOf('other'),
      { ...callOf('get_weather'), type: 'app_server.item.tool.call' },
    ];
    const table = [strict, modest, unbound].map((skills) => calls.map(skills.matchesSignal));
    expect(table).toEqual([
      [true, false, true, false],
      [true, false, false, false],
      [false, false, false, false],
    ]);
  });

  test('run so many at a time, and the others in order', async () => {
    const ends: (() => void)[] = [];
    const begun: unknown[] = [];
    const slow = skill((n) => {
      begun.push(n);
      return new Promise<void>((end) => ends.push(end));
    });
    const skills = remoteSkills(stream, { skills: [slow], threadId: 't', concurrency: 2 });
    const abort = new AbortController();
    const calls = [0, 1, 2, 3, 4].map((n) =>
      skills.dispatch(callOf('x', { n }), n === 2 ? { signal: abort.signal } : {}),
    );
    const numbers = () => begun.map((input) => (input as { n: number }).n);
    expect(numbers()).toEqual([0, 1]);
    abort.abort();
    expect(await calls[2]).toMatchObject({ outcome: 'aborted' });
    ends[1]!();
    await calls[1];
    expect(numbers()).toEqual([0, 1, 3]);
    ends[0]!();
    ends[2]!();
    await Promise.all([calls[0], calls[3]]);
    expect(numbers()).toEqual([0, 1, 3, 4]);
    ends[3]!();
    await calls[4];
  });
});
