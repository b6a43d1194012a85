import { describe, expect, test } from '@jest/globals';
import { parseEnvelope } from 'codex-rx';
import fc from 'fast-check';
import { ignoredFrames, managerDuplicates } from '../../lib/manager/ignored-frames.js';
import { managerFrames } from '../recordings/index.js';

const ignores = (types: readonly string[], frame: unknown): boolean => {
  const text = typeof frame === 'string' ? frame : JSON.stringify(frame);
  const filter = ignoredFrames(types)!;
  const isMeant = filter.test(text.slice(0, filter.length));
  // As bytes it is the same.
  expect(filter.testBytes?.(Buffer.from(text))).toBe(isMeant);
  return isMeant;
};

describe('ignoredFrames', () => {
  test('means a type, and no type that merely begins so', () => {
    expect(ignores(['a'], { type: 'a', payload: {} })).toBe(true);
    expect(ignores(['a'], { type: 'ab', payload: {} })).toBe(false);
    expect(ignores(['a', 'ab'], { type: 'ab', payload: {} })).toBe(true);
  });

  test('means all types that begin so, with a *', () => {
    expect(ignores(['a.*'], { type: 'a.b' })).toBe(true);
    expect(ignores(['a.*'], { type: 'a.' })).toBe(true);
    expect(ignores(['a.*'], { type: 'a' })).toBe(false);
  });

  test('quotes what JSON quotes', () => {
    expect(ignores(['a"b'], { type: 'a"b' })).toBe(true);
    expect(ignores(['a\\*'], { type: 'a\\b' })).toBe(true);
  });

  test.each([
    ['another member first', '{"threadId":null,"type":"a"}'],
    ['white space', '{ "type": "a"}'],
    ['an escape that is not needed', '{"type":"\\u0061"}'],
    ['a type that is no text', '{"type":5}'],
    ['nothing', ''],
    ['no JSON', '{"type"'],
  ])('does not mean a frame with %s: it is read as before', (_, frame) => {
    expect(ignores(['a', 'a*'], frame)).toBe(false);
  });

  test('never means a control frame', () => {
    const ready = { type: 'ready', threadId: null };
    expect(ignores(['*'], ready)).toBe(false);
    expect(ignores(['ready', 'pong', 'error'], ready)).toBe(false);
    expect(ignores(['*'], { type: 'pong' })).toBe(false);
    expect(ignores(['*'], { type: 'readiness' })).toBe(true);
  });

  test('without types there is no filter', () => {
    expect(ignoredFrames([])).toBeNull();
  });

  test('means exactly the frames whose type it names, however they go on', () => {
    const part = fc.stringMatching(/^[ -)+-~]{1,6}$/);
    fc.assert(
      fc.property(part, part, fc.boolean(), fc.string(), (named, type, isPrefix, payload) => {
        const expected = isPrefix ? type.startsWith(named) : type === named;
        const frame = JSON.stringify({ type, threadId: null, payload });
        fc.pre(!['ready', 'pong', 'error'].includes(type));
        expect(ignores([isPrefix ? `${named}*` : named], frame)).toBe(expected);
      }),
    );
  });
});

describe('managerDuplicates', () => {
  const frames = managerFrames.map(({ frame }) => parseEnvelope(frame));

  test('means the raw copies and the legacy events, and no other recorded frame', () => {
    for (const frame of frames) {
      const isCopy =
        frame.type === 'notification' || frame.type.startsWith('app_server.codex.event.');
      expect([frame.type, ignores(managerDuplicates, frame)]).toEqual([frame.type, isCopy]);
    }
  });

  test('leaves an event of each notification that is not legacy', () => {
    const kept = frames
      .filter((frame) => !ignores(managerDuplicates, frame))
      .map(({ type }) => type);
    expect(kept).toContain('app_server.item.agent_message.delta');
    expect(kept.length / frames.length).toBeLessThan(0.45);
  });
});
