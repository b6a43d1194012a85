import { describe, expect, test } from '@jest/globals';
import { EnvelopeError, parseEnvelope, type EnvelopeFault } from 'codex-rx';
import fc from 'fast-check';
import { toEnvelope } from '../../lib/envelope/parse-envelope.js';
import { parseJson } from '../../lib/envelope/parse-json.js';
import { managerFrames } from '../recordings/index.js';

/** Why a frame is refused; `null` if it is not. */
function faultOf(frame: unknown): EnvelopeFault | null {
  try {
    parseEnvelope(frame);
    return null;
  } catch (error) {
    if (error instanceof EnvelopeError) return error.kind;
    throw error;
  }
}

describe('parseEnvelope', () => {
  test('reads a frame as five members, null where it tells nothing', () => {
    expect(parseEnvelope('{"type":"project_upserted"}')).toStrictEqual({
      type: 'project_upserted',
      threadId: null,
      turnId: null,
      requestId: null,
      payload: null,
    });
  });

  test('reads text and the value that the text stands for alike', () => {
    for (const { frame } of managerFrames.slice(0, 300)) {
      expect(parseEnvelope(JSON.stringify(frame))).toStrictEqual(parseEnvelope(frame));
    }
  });

  test('takes ids from the frame, in either spelling, before those in its payload', () => {
    const ids = { threadId: 't', turnId: 'u', requestId: 0 };
    const inside = { threadId: 'x', turnId: 'x', requestId: 'x' };
    const expected = { type: 'a', ...ids, payload: inside };
    expect(parseEnvelope({ type: 'a', ...ids, payload: inside })).toStrictEqual(expected);
    const snake = { thread_id: 't', turn_id: 'u', request_id: 0 };
    expect(parseEnvelope({ type: 'a', ...snake, payload: inside })).toStrictEqual(expected);
    expect(parseEnvelope({ type: 'a', ...ids, thread_id: 'y', payload: inside })).toStrictEqual(
      expected,
    );
  });

  test('takes ids from the payload where the frame has null', () => {
    const ids = { threadId: 't', turnId: 'u', requestId: 0 };
    const none = { threadId: null, thread_id: null, turnId: null, requestId: null };
    expect(parseEnvelope({ type: 'a', ...none, payload: ids })).toMatchObject(ids);
  });

  test('hands on the payload itself', () => {
    const payload = { params: {} };
    expect(parseEnvelope({ type: 'a', payload }).payload).toBe(payload);
    for (const odd of [0, false, '', 'text', [1]]) {
      expect(parseEnvelope({ type: 'a', payload: odd }).payload).toBe(odd);
    }
  });

  test('leaves out what a gateway adds to a frame: it is no part of the event', () => {
    const text = '{"type":"a","threadId":"t","payload":1,"requestKey":"k","seq":7}';
    const event = { type: 'a', threadId: 't', turnId: null, requestId: null, payload: 1 };
    expect(parseEnvelope(text)).toStrictEqual(event);
    expect(parseEnvelope({ more: 1, ...(JSON.parse(text) as object) })).toStrictEqual({
      more: 1,
      ...event,
    });
  });

  test('keeps members that it does not know', () => {
    const event = parseEnvelope('{"type":"a","more":7,"extra":{"b":1},"thread_id":"t"}');
    expect(event).toStrictEqual({
      type: 'a',
      threadId: 't',
      turnId: null,
      requestId: null,
      payload: null,
      more: 7,
      extra: { b: 1 },
    });
  });

  test('reads an envelope as an equal envelope', () => {
    for (const { frame } of managerFrames) {
      const event = parseEnvelope(frame);
      expect(parseEnvelope(event)).toStrictEqual(event);
    }
    fc.assert(
      fc.property(frames, (frame) => {
        fc.pre(faultOf(frame) === null);
        const event = parseEnvelope(frame);
        expect(parseEnvelope(event)).toEqual(event);
        expect(parseEnvelope(JSON.stringify(event))).toEqual(JSON.parse(JSON.stringify(event)));
      }),
    );
  });

  test('leaves the frame as it was', () => {
    fc.assert(
      fc.property(frames, (frame) => {
        const before = JSON.stringify(frame);
        faultOf(frame);
        expect(JSON.stringify(frame)).toBe(before);
      }),
    );
  });

  test('throws nothing but an EnvelopeError, whatever JSON it is given', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string(), fc.jsonValue(), frames), (frame) => {
        faultOf(frame);
      }),
    );
  });
});

/** Frames that are envelopes, or nearly so. */
const id = fc.constantFrom<unknown>(null, 't', 'u', '', 0, '0', -1, 1.5, true, {}, []);
const frames = fc.record(
  {
    type: fc.constantFrom<unknown>('a', 'server_request', 'error', '', null, 5),
    threadId: id,
    thread_id: id,
    turnId: id,
    requestId: id,
    request_id: id,
    payload: fc.oneof(
      fc.jsonValue(),
      fc.record({ params: fc.record({ turnId: id, requestId: id }) }),
    ),
    extra: fc.jsonValue(),
  },
  { requiredKeys: ['type'] },
);

describe('parseEnvelope refuses', () => {
  test.each<readonly [EnvelopeFault, string, unknown]>([
    ['empty', 'no text', ''],
    ['not-json', 'blank text', ' \n'],
    ['not-json', 'text that is not JSON', 'hello'],
    ['not-json', 'JSON that was cut off', '{"type":"a","payload":{'],
    ['not-json', 'two JSON values', '{"type":"a"}{"type":"b"}'],
    ['not-an-object', 'an array', '[{"type":"a"}]'],
    ['not-an-object', 'null', 'null'],
    ['not-an-object', 'a number', '42'],
    ['not-an-object', 'a string in JSON', '"a"'],
    ['not-an-object', 'a boolean', true],
    ['not-an-object', 'undefined', undefined],
    ['not-an-object', 'a function', () => ({ type: 'a' })],
    ['not-an-object', 'a list of envelopes', [{ type: 'a' }]],
    ['no-type', 'an object without a type', '{}'],
    ['no-type', 'a type that is null', { type: null }],
    ['no-type', 'a type that is a number', { type: 5 }],
    ['no-type', 'a type that is a String object', { type: new String('a') }],
    ['bad-thread-id', 'a thread id that is a number', { type: 'a', threadId: 0 }],
    ['bad-thread-id', 'a thread_id that is an object', { type: 'a', thread_id: {} }],
    ['bad-turn-id', 'a turn id that is a number', { type: 'a', turnId: 7 }],
    ['bad-turn-id', 'a turn_id that is false', { type: 'a', turn_id: false }],
    ['bad-request-id', 'a request id that is true', { type: 'a', requestId: true }],
    ['bad-request-id', 'a request id that is no whole number', { type: 'a', requestId: 1.5 }],
    ['bad-request-id', 'a request id that is not finite', { type: 'a', requestId: Infinity }],
    ['bad-request-id', 'a request id that is an object', { type: 'a', requestId: {} }],
    ['bad-request-id', 'a request_id that is an array', { type: 'a', request_id: ['0'] }],
    ['bad-request-id', 'a request id without text', { type: 'a', requestId: '' }],
  ])('%s: %s', (reason, _, frame) => {
    expect(faultOf(frame)).toBe(reason);
  });

  test('no frame for an odd id inside its payload: that is the payload’s affair', () => {
    const payload = { threadId: 5, turnId: {}, requestId: true };
    const none = { threadId: null, turnId: null, requestId: null };
    expect(parseEnvelope({ type: 'a', payload })).toStrictEqual({ type: 'a', ...none, payload });
  });

  test('a frame once, with the text that it came as in the report', () => {
    const text = '{"type":5, "a":1}';
    expect(() => parseEnvelope(text)).toThrow(new EnvelopeError('no-type', text));
    expect(() => toEnvelope({ type: 5 })).toThrow(new EnvelopeError('no-type', { type: 5 }));
  });
});

describe('names that JavaScript gives a meaning to', () => {
  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'error', 'then', ''])(
    'make an ordinary type: %p',
    (type) => {
      const none = { threadId: null, turnId: null, requestId: null };
      expect(parseEnvelope(JSON.stringify({ type }))).toStrictEqual({
        type,
        ...none,
        payload: null,
      });
    },
  );

  test('make ordinary members, and change no object but the envelope', () => {
    const text =
      '{"type":"a","__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"toString":2}';
    const event = parseEnvelope(text);
    expect(Object.getPrototypeOf(event)).toBe(Object.prototype);
    expect(Object.getOwnPropertyDescriptor(event, '__proto__')?.value).toEqual({ polluted: 1 });
    expect(Object.keys(event)).toEqual(expect.arrayContaining(['constructor', 'toString']));
    expect(event).not.toHaveProperty('polluted');
    expect({}).not.toHaveProperty('polluted');
    expect(JSON.parse(JSON.stringify(event))).toHaveProperty('type', 'a');
  });

  test('lend no id to a payload', () => {
    const payload: unknown = JSON.parse(
      '{"__proto__":{"threadId":"t"},"params":{"__proto__":{"turnId":"u"}}}',
    );
    expect(parseEnvelope({ type: 'a', payload })).toMatchObject({ threadId: null, turnId: null });
  });

  test('lend no type to a frame', () => {
    expect(faultOf('{"__proto__":{"type":"a"}}')).toBe('no-type');
  });
});

describe('parseJson', () => {
  test('tells no text from text that is not JSON, and keeps the cause', () => {
    expect(parseJson('[1]')).toEqual([1]);
    expect(() => parseJson('')).toThrow(expect.objectContaining({ kind: 'empty' }));
    expect(() => parseJson('{')).toThrow(
      expect.objectContaining({ kind: 'not-json', cause: expect.any(SyntaxError) }),
    );
  });
});
