import { describe, expect, it } from '@jest/globals';
import { envelope } from 'codex-rx/testing';
import { createPaint } from '../../lib/cli/paint.js';
import { createTimeline } from '../../lib/cli/timeline.js';

const event = envelope('a', null, { threadId: 'thread-1234567', turnId: 'u1' });
const at = (receivedAt: number) => ({ threadId: null, connection: 1, reconnects: 0, receivedAt });

function setUp(columns?: number) {
  const lines = { text: '' };
  const timeline = createTimeline(
    (text) => {
      lines.text += text;
    },
    createPaint(false),
    columns,
  );
  return { lines, timeline };
}

describe('createTimeline', () => {
  it('shows when since the first event, the ends of the ids, and what happened', () => {
    const { lines, timeline } = setUp();
    timeline.event(event, at(1_000), 'bold', '●', 'turn started');
    timeline.event(envelope('a'), at(2_500), 'bold', '●', 'no ids');
    expect(lines.text).toBe(
      '  0.00s  234567 u1      ● turn started\n' + //
        '  1.50s  ·      ·       ● no ids\n',
    );
  });

  it('indents what has several lines', () => {
    const { lines, timeline } = setUp();
    timeline.event(event, at(0), 'bold', '›', 'one\ntwo');
    expect(lines.text).toBe(
      '  0.00s  234567 u1      › one\n' + //
        '                          two\n',
    );
  });

  it('lets text grow in its line, and ends the line before anything else', () => {
    const { lines, timeline } = setUp();
    timeline.grow(event, at(0), 'i1', '‹', 'Hel');
    timeline.grow(event, at(5), 'i1', '‹', 'lo\nthere');
    timeline.grow(event, at(10), 'i2', '‹', 'another');
    timeline.note('a note');
    timeline.grow(event, at(20), 'i2', '‹', ' one');
    timeline.end();
    timeline.end();
    expect(lines.text).toBe(
      '  0.00s  234567 u1      ‹ Hello\n' +
        '                          there\n' +
        '  0.01s  234567 u1      ‹ another\n' +
        'a note\n' +
        '  0.02s  234567 u1      ‹  one\n',
    );
  });
});

describe('a timeline of few columns', () => {
  it('continues long lines indented, and breaks between words only', () => {
    const { lines, timeline } = setUp(36);
    timeline.event(event, at(0), 'bold', '$', 'cat a-very-long-file-name b  completed\n  x');
    timeline.grow(event, at(0), 'i1', '‹', 'one two');
    timeline.grow(event, at(5), 'i1', '‹', ' three');
    timeline.grow(event, at(5), 'i1', '‹', 'fold four ');
    timeline.grow(event, at(5), 'i1', '‹', 'sixteen ');
    timeline.end();
    expect(lines.text).toBe(
      '  0.00s  234567 u1      $ cat\n' +
        '                          a-very-long-file-name\n' +
        '                          b\n' +
        '                          completed\n' +
        '                            x\n' +
        '  0.00s  234567 u1      ‹ one two\n' +
        '                          threefold\n' +
        '                          four \n' +
        '                          sixteen \n',
    );
  });
});

describe('text of an agent in a timeline', () => {
  it('shows what a terminal would act on', () => {
    const { lines, timeline } = setUp();
    const hostile = envelope('a', null, { threadId: 't\u001b[2J', turnId: '\u202eu' });
    timeline.event(hostile, at(0), 'bold', '$', 'rm -rf ~\u001b[2K\rls\u009b1G');
    timeline.grow(hostile, at(0), 'i1', '‹', 'a\u001b');
    timeline.grow(hostile, at(0), 'i1', '‹', ']52;c;eA==\u0007');
    timeline.end();
    expect(lines.text).toBe(
      '  0.00s  t\\u001b[2J \\u202eu  $ rm -rf ~\\u001b[2K\\u000dls\\u009b1G\n' +
        '  0.00s  t\\u001b[2J \\u202eu  ‹ a\\u001b]52;c;eA==\\u0007\n',
    );
  });

  it('leaves an emoji whole that comes in pieces, and shows a joiner that joins nothing', () => {
    const { lines, timeline } = setUp();
    for (const piece of ['👩', '\u200d', '💻 می', '\u200cخواهم', '\u200d']) {
      timeline.grow(event, at(0), 'i1', '‹', piece);
    }
    timeline.end();
    expect(lines.text).toBe('  0.00s  234567 u1      ‹ 👩‍💻 می‌خواهم\\u200d\n');
  });
});
