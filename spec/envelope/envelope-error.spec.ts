import { describe, expect, test } from '@jest/globals';
import { EnvelopeError, type EnvelopeFault } from 'codex-rx';
import { excerptOf } from '../../lib/envelope/envelope-error.js';

describe('EnvelopeError', () => {
  test.each<EnvelopeFault>([
    'empty',
    'not-json',
    'not-an-object',
    'no-type',
    'bad-thread-id',
    'bad-turn-id',
    'bad-request-id',
    'binary',
    'too-large',
  ])('says why a frame is no envelope (%s), and how it begins', (kind) => {
    const error = new EnvelopeError(kind, '{"a":1}');
    expect(error).toBeInstanceOf(Error);
    expect(error.name).toBe('EnvelopeError');
    expect(error.kind).toBe(kind);
    expect(error.message).toBe(`The frame is no envelope (${kind}). It begins: {"a":1}`);
    expect(error.excerpt).toBe('{"a":1}');
  });

  test('keeps the cause', () => {
    const cause = new SyntaxError('odd');
    expect(new EnvelopeError('not-json', 'x', { cause }).cause).toBe(cause);
    expect(new EnvelopeError('empty', '')).not.toHaveProperty('cause');
  });

  test('shows 200 characters of a frame of several megabytes', () => {
    const error = new EnvelopeError('not-json', `${'a'.repeat(150)}${'b'.repeat(5_000_000)}`);
    expect(error.excerpt).toBe(`${'a'.repeat(150)}${'b'.repeat(49)}…`);
    expect(error.message.length).toBeLessThan(300);
  });
});

describe('excerptOf', () => {
  test('shows text that is short enough as it is', () => {
    expect(excerptOf('a'.repeat(200))).toBe('a'.repeat(200));
    expect(excerptOf('a'.repeat(201))).toBe(`${'a'.repeat(199)}…`);
    expect(excerptOf('')).toBe('');
  });

  test('shows a value as JSON', () => {
    expect(excerptOf({ type: 5 })).toBe('{"type":5}');
    expect(excerptOf(null)).toBe('null');
    expect(excerptOf([1])).toBe('[1]');
    expect(excerptOf({ long: 'x'.repeat(1_000) })).toHaveLength(200);
  });

  test('shows a value that JSON cannot, and never throws', () => {
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    expect(excerptOf(circular)).toBe('[object Object]');
    expect(excerptOf({ big: 1n })).toBe('[object Object]');
    expect(excerptOf(undefined)).toBe('undefined');
    expect(excerptOf(Symbol('odd'))).toBe('Symbol(odd)');
    const silent = Object.assign(Object.create(null) as object, { toJSON: () => undefined });
    expect(excerptOf(silent)).toBe('[object Object]');
  });
});
