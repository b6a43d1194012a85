import { describe, expect, test } from '@jest/globals';
import { marbles } from 'codex-rx/testing';
import fc from 'fast-check';
import { draw, type Mark, type Row } from '../../../lib/testing/marble/diagram.js';
import { parse } from '../../../lib/testing/marble/log.js';

/** A row of letters, as RxJS could write it: a group takes as many frames as characters. */
const rows = fc
  .record({
    cells: fc.array(
      fc.record({
        wait: fc.oneof(fc.nat(5), fc.nat(40), fc.nat(2_000)),
        size: fc.integer({ min: 1, max: 4 }),
      }),
      { maxLength: 5 },
    ),
    end: fc.constantFrom('|', '#', null),
  })
  .map(({ cells, end }): Row => {
    const marks: Mark[] = [];
    let frame = 0;
    for (const { wait, size } of cells) {
      frame += wait;
      for (let nth = 0; nth < size; nth++) marks.push({ frame, char: 'abcd'[nth] ?? '' });
      frame += size > 1 ? size + 2 : 1;
    }
    return end === null ? marks : [...marks, { frame: frame + 1, char: end }];
  });

const chars = { next: '', error: '#', complete: '|' };

/** What a diagram says, read by RxJS. */
const read = (diagram: string): Row =>
  marbles(() =>
    parse(diagram).map(({ frame, kind, value }) => ({
      frame,
      char: kind === 'next' ? (value as string) : chars[kind],
    })),
  );

describe('draw', () => {
  test('draws what RxJS reads, whatever else is drawn beside it', () => {
    fc.assert(
      fc.property(fc.array(rows, { minLength: 1, maxLength: 3 }), fc.nat(3_000), (all, focus) => {
        const { lines } = draw(all, focus);
        fc.pre(lines.every((line) => !line.includes('…')));
        expect(lines.map(read)).toEqual(all);
      }),
      { numRuns: 1_000 },
    );
  });

  test('draws equal frames in equal columns, and says where', () => {
    fc.assert(
      fc.property(fc.array(rows, { minLength: 2, maxLength: 3 }), fc.nat(3_000), (all, focus) => {
        const { lines, columnOf } = draw(all, focus);
        const starts = new Map<number, Set<number>>();
        all.forEach((row, index) => {
          for (const mark of row) {
            const column = columnOf(mark);
            if (column === undefined) continue;
            expect(lines[index]?.[column]).toBe(mark.char);
            const isFirst = row.find(({ frame }) => frame === mark.frame) === mark;
            const isGrouped = row.filter(({ frame }) => frame === mark.frame).length > 1;
            if (!isFirst) continue;
            const columns = starts.get(mark.frame) ?? new Set();
            starts.set(mark.frame, columns.add(column - (isGrouped ? 1 : 0)));
          }
        });
        for (const columns of starts.values()) expect(columns.size).toBe(1);
      }),
      { numRuns: 1_000 },
    );
  });

  test('fits into a line, and shows the frame that must be seen', () => {
    const row = Array.from({ length: 500 }, (_, index) => ({ frame: index * 7, char: 'a' }));
    for (const at of [0, 1, 250, 498, 499]) {
      const focus = row[at]!;
      const { lines, columnOf } = draw([row, row], focus.frame);
      expect(columnOf(focus)).toBeDefined();
      expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(104);
      expect(lines[0]?.startsWith('… ')).toBe(at > 7);
      expect(lines[0]?.endsWith(' …')).toBe(at < 490);
    }
  });

  test.each([
    [61, '61ms a'],
    [600, '600ms a'],
    [2_000, '2s a'],
    [61_000, '61s a'],
    [120_000, '2m a'],
    [60_500, '60500ms a'],
  ])('writes %p ms of silence', (frame, diagram) => {
    expect(draw([[{ frame, char: 'a' }]], 0).lines).toEqual([diagram]);
  });
});
