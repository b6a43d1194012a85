/** A character of a diagram, and its frame. */
export interface Mark {
  readonly frame: number;
  readonly char: string;
}

export type Row = readonly Mark[];

export interface Drawing {
  /** The rows, aligned: the symbols of one frame are in one column. */
  readonly lines: readonly string[];
  /** The column of a symbol; `undefined` if it is not drawn. */
  readonly columnOf: (symbol: Mark) => number | undefined;
}

/** How many characters fit into a line. */
const width = 100;

/** Up to `full` frames are drawn; in longer diagrams, more than `silence` are written as a time. */
const [full, silence] = [60, 12];

/** How many frames are drawn before and after the focus at most, if not all fit. */
const around = 8;

/**
 * Draws rows as marble diagrams: each could be written like that in a test.
 *
 * @param focus The frame that must be drawn.
 */
export function draw(rows: readonly Row[], focus: number): Drawing {
  const frames = [...new Set(rows.flat().map(({ frame }) => frame))].sort((a, b) => a - b);
  let drawing = drawFrames(rows, frames, 0);
  for (let some = around; isTooWide(drawing) && some > 0; some--) {
    drawing = drawAround(rows, frames, focus, some);
  }
  return drawing;
}

const isTooWide = ({ lines }: Drawing): boolean => lines.some(({ length }) => length > width);

function drawAround(
  rows: readonly Row[],
  frames: readonly number[],
  focus: number,
  some: number,
): Drawing {
  const at = frames.findIndex((frame) => frame >= focus);
  const first = Math.max(0, at - some);
  const start = first > 0 ? (frames[first] as number) : 0;
  const { lines, columnOf } = drawFrames(rows, frames.slice(first, at + some), start);
  const [before, after] = [first > 0 ? '… ' : '', at + some < frames.length ? ' …' : ''];
  return {
    lines: lines.map((line) => `${before}${line}${after}`),
    columnOf(symbol) {
      const column = columnOf(symbol);
      return column === undefined ? column : column + before.length;
    },
  };
}

function drawFrames(rows: readonly Row[], frames: readonly number[], start: number): Drawing {
  const lines = rows.map(() => '');
  const columns = new Map<Mark, number>();
  const isLong = (frames.at(-1) ?? 0) - start > full;
  let [at, column, wide] = [start, 0, 0];
  for (const frame of frames) {
    const cells = rows.map((row) => row.filter((symbol) => symbol.frame === frame));
    const time = frame - at - wide;
    const gap = column + wide > 0 ? ' ' : '';
    const span = isLong && time > silence ? `${gap}${spanOf(time)} ` : null;
    const silent = span === null ? column + frame - at : column + wide;
    rows.forEach((row, index) => {
      const isOver = endOf(row) < frame;
      const before = (lines[index] as string).padEnd(silent, isOver ? ' ' : '-');
      const line = before + (isOver ? ' '.repeat(span?.length ?? 0) : (span ?? ''));
      const cell = cells[index] as Row;
      cell.forEach((symbol, nth) => {
        columns.set(symbol, line.length + nth + (cell.length > 1 ? 1 : 0));
      });
      lines[index] = line + grouped(cell);
    });
    [at, column] = [frame, silent + (span?.length ?? 0)];
    // A group may reach beyond the next symbol of another row.
    wide = Math.max(...lines.map(({ length }) => length)) - column;
  }
  const longest = Math.max(...lines.map(({ length }) => length));
  return {
    lines: lines.map((line, index) =>
      endOf(rows[index] as Row) < Infinity ? line.trimEnd() : line.padEnd(longest, '-'),
    ),
    columnOf: (symbol) => columns.get(symbol),
  };
}

const grouped = (symbols: Row): string => {
  const text = symbols.map(({ char }) => char).join('');
  return symbols.length > 1 ? `(${text})` : text;
};

function spanOf(time: number): string {
  if (time % 60_000 === 0) return `${time / 60_000}m`;
  return time % 1_000 === 0 ? `${time / 1_000}s` : `${time}ms`;
}

/** The frame after which nothing is drawn. */
const endOf = (row: Row): number => row.find(({ char }) => '|#!'.includes(char))?.frame ?? Infinity;
