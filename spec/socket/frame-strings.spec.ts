import { describe, expect, test } from '@jest/globals';
import { isPlain, longestText, mostKept } from '../../lib/socket/frame-reader.js';
import { frameStrings } from '../../lib/socket/frame-strings.js';

const frame = '{"type":"app_server.turn.started","threadId":"t1","payload":null}';
const start = frameStrings.startOf(frame);

/** What is found behind `{"type":"`, and every text that something was made for. */
function finder() {
  const made: string[] = [];
  const found = frameStrings.found((text) => {
    made.push(text);
    return `what is kept for ${text}`;
  });
  return { made, typeOf: (frame: string) => found(frame, frameStrings.startOf(frame), 9) };
}

const ofType = (type: string) => `{"type":"${type}","threadId":null,"payload":null}`;

describe('a frame that was decoded', () => {
  test('has a text at its place, and at no other', () => {
    const isType = frameStrings.standing('{"type":"');
    expect(start).toBe(0);
    expect([isType(frame, start, 0), isType(frame, start, 1)]).toEqual([true, false]);
    expect(frameStrings.standing('":null}')(frame, start, frame.length - 7)).toBe(true);
    expect(frameStrings.standing('":null}')(frame, start, frame.length - 6)).toBe(false);
    expect(frameStrings.standing('null}')(frame, start, 9)).toBe(false);
  });

  test('has what is kept for a text: made once, however often the text comes', () => {
    const { made, typeOf } = finder();
    for (const type of ['a', 'b', 'a', 'b']) {
      expect(typeOf(ofType(type))).toBe(`what is kept for ${type}`);
    }
    expect(made).toEqual(['a', 'b']);
  });

  test('keeps no more texts than it may, and makes what it forgot again', () => {
    const { made, typeOf } = finder();
    for (let type = 0; type < mostKept; type++) typeOf(ofType(`t${type}`));
    typeOf(ofType('t0'));
    expect(made).toHaveLength(mostKept);
    typeOf(ofType('one more'));
    expect(typeOf(ofType('t0'))).toBe('what is kept for t0');
    expect(made.slice(mostKept)).toEqual(['one more', 't0']);
  });

  test.each([
    ['is escaped', '{"type":"a\\u0062","x":1}'],
    ['has a letter that is not ASCII', ofType('é')],
    ['has a control character', ofType('a\nb')],
    ['has no end', '{"type":"a'],
    ['is too long', ofType('a'.repeat(longestText + 1))],
  ])('is not read where a text %s', (_, frame) => {
    const { made, typeOf } = finder();
    expect([typeOf(frame), made]).toEqual([null, []]);
  });

  test('is read where a text is as long as it may be', () => {
    const longest = 'a'.repeat(longestText);
    expect(finder().typeOf(ofType(longest))).toBe(`what is kept for ${longest}`);
  });

  test('may hold one of some texts if it does, or if it has an escape that may be one', () => {
    const mayHold = frameStrings.holding(['"t1"', '"t2"']);
    expect(mayHold(frame)).toBe(true);
    expect(mayHold('{"threadId":"t2"}')).toBe(true);
    expect(mayHold('{"threadId":"t3"}')).toBe(false);
    expect(mayHold('{"threadId":"\\u0074"}')).toBe(true);
  });
});

test.each([
  ['', true],
  ['app_server.turn.started ~', true],
  [' !#[]\x7f', true],
  ['say "no"', false],
  ['a\\b', false],
  ['\x1f', false],
  ['\x80', false],
  ['plain, but for é', false],
])('%j is plain: %j', (text, expected) => {
  expect(isPlain(text)).toBe(expected);
});
