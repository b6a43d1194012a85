/** What happens in a frame, as a character of a diagram. */
export interface Mark {
  readonly frame: number;
  readonly char: string;
}

export type Row = readonly Mark[];

export interface Drawing {
  /** The rows, aligned: what is in one frame is in one column. */
  readonly lines: readonly string[];
  /** Where a mark stands; `undefined` if it is not drawn. */
  readonly columnOf: (mark: Mark) => number | undefined;
}

/** What fits into a line. */
const width = 100;

/** Up to here, time is drawn in full; beyond, silence that is longer than `silence` is written. */
const [full, silence] = [60, 12];

/** How many frames are drawn before and after the one that must be seen, where not all fit. */
const around = 8;

/**
 * Draws rows as marble diagrams: each could be written like that in a test.
 *
 * @param focus The frame that must be seen.
 */
export function draw(rows: readonly Row[], focus: number): Drawing {
  const frames = [...new Set(rows.flat().map(({ frame }) => frame))].sort((a, b) => a - b);
  const whole = drawFrames(rows, frames, 0);
  if (whole.lines.every(({ length }) => length <= width)) return whole;
  const at = frames.findIndex((frame) => frame >= focus);
  const first = Math.max(0, at - around);
  const { lines, columnOf } = drawFrames(
    rows,
    frames.slice(first, at + around),
    first > 0 ? (frames[first] as number) : 0,
  );
  const [before, after] = [first > 0 ? '… ' : '', at + around < frames.length ? ' …' : ''];
  return {
    lines: lines.map((line) => `${before}${line}${after}`),
    columnOf(mark) {
      const column = columnOf(mark);
      return column === undefined ? column : column + before.length;
    },
  };
}

function drawFrames(rows: readonly Row[], frames: readonly number[], start: number): Drawing {
  const lines = rows.map(() => '');
  const columns = new Map<Mark, number>();
  const isLong = (frames.at(-1) ?? 0) - start > full;
  let at = start;
  for (const frame of frames) {
    const cells = rows.map((row) => row.filter((mark) => mark.frame === frame));
    const wide = Math.max(...cells.map((cell) => grouped(cell).length));
    const passed = passing(frame - at, isLong, at === 0);
    rows.forEach((row, index) => {
      const cell = cells[index] as Row;
      const text = grouped(cell);
      const line = (lines[index] as string) + (endOf(row) < at ? blank(passed) : passed);
      cell.forEach((mark, nth) => {
        columns.set(mark, line.length + nth + (cell.length > 1 ? 1 : 0));
      });
      const rest = '-'.repeat(wide - text.length);
      const isOver = endOf(row) < frame + (text === '' ? 0 : 1);
      lines[index] = line + text + (isOver ? blank(rest) : rest);
    });
    at = frame + wide;
  }
  return {
    lines: lines.map((line) => line.trimEnd()),
    columnOf: (mark) => columns.get(mark),
  };
}

const grouped = (marks: Row): string => {
  const text = marks.map(({ char }) => char).join('');
  return marks.length > 1 ? `(${text})` : text;
};

/** How time goes by in a diagram. */
function passing(time: number, isLong: boolean, isFirst: boolean): string {
  if (time <= 0) return '';
  if (!isLong || time <= silence) return '-'.repeat(time);
  return `${isFirst ? '' : ' '}${spanOf(time)} `;
}

function spanOf(time: number): string {
  if (time % 60_000 === 0) return `${time / 60_000}m`;
  return time % 1_000 === 0 ? `${time / 1_000}s` : `${time}ms`;
}

/** The frame after which nothing is drawn. */
const endOf = (row: Row): number => row.find(({ char }) => '|#!'.includes(char))?.frame ?? Infinity;

const blank = (text: string): string => ' '.repeat(text.length);
