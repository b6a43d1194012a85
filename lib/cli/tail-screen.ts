import { visibleLine } from '../text/index.js';
import { createPaint } from './paint.js';
import type { Line } from './tail-lines.js';
import type { Terminal } from './terminal.js';
import { createTimeline, endOf } from './timeline.js';

/** A line, and whose it is. */
export interface Placed {
  readonly threadId: string | null;
  readonly turnId: string | null;
  /** How many parents the thread has. */
  readonly depth: number;
  readonly line: Line;
}

/** A terminal whose last rows are drawn again and again, under what is over. */
export interface Screen {
  /** Writes what is over, once, and what goes on under it, in place of what went on before. */
  draw(done: readonly Placed[], live: readonly Placed[], now: number): void;
  /** Takes what goes on away, so that something else may be written. */
  clear(): void;
}

/** How many rows may be drawn again, and how many of them show the end of one text. */
const [maxRows, textRows] = [16, 4];

const headWidth = 26;

export function createScreen({ out, coloured, columns }: Terminal): Screen {
  const paint = createPaint(coloured);
  let written = '';
  const timeline = createTimeline((text) => (written += text), paint, columns);
  /** How many rows are drawn, and what they say. */
  let rows: readonly string[] = [];

  const erased = () => (rows.length === 0 ? '' : `\u001b[${rows.length}A\u001b[J`);

  function rowsOf({ threadId, turnId, depth, line }: Placed): readonly string[] {
    const [colour, sign, text] = line;
    const head = `${'⋯'.padStart(7)}  ${paint('blue', `${endOf(threadId)} ${endOf(turnId)}`)}`;
    const shift = '  '.repeat(depth);
    const width = Math.max(10, columns - headWidth - shift.length - 1);
    const parts = text.split('\n').flatMap((part) => fitted(visibleLine(part), width));
    const shown = sign === '‹' ? parts.slice(-textRows) : parts.slice(0, 1);
    return shown.map((part, index) =>
      index === 0
        ? `${head}  ${shift}${paint(colour, sign)} ${part}`
        : ' '.repeat(headWidth + shift.length) + part,
    );
  }

  return {
    draw(done, live, now) {
      written = '';
      for (const { threadId, turnId, depth, line } of done) {
        const [colour, sign, text] = line;
        const shifted = '  '.repeat(depth) + sign;
        timeline.event({ threadId, turnId }, { receivedAt: now }, colour, shifted, text);
      }
      const next = live.flatMap(rowsOf).slice(-maxRows);
      const isSame = next.length === rows.length && next.every((row, at) => row === rows[at]);
      if (written === '' && isSame) return;
      out(erased() + written + next.map((row) => `${row}\n`).join(''));
      rows = next;
    },
    clear() {
      out(erased());
      rows = [];
    },
  };
}

/** A line in pieces that fit; a character beyond Latin, Greek and Cyrillic may be two wide. */
function fitted(line: string, width: number): readonly string[] {
  const pieces = [''];
  let used = 0;
  for (const character of line) {
    const wide = (character.codePointAt(0) as number) >= 0x1100 ? 2 : 1;
    if (used + wide > width) {
      pieces.push('');
      used = 0;
    }
    used += wide;
    pieces.push((pieces.pop() ?? '') + character);
  }
  return pieces;
}
