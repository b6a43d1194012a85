import { laneNames, type Lane } from './lane-of';
import type { Mark, Marks } from './marks';

export interface Window {
  readonly from: number;
  readonly to: number;
  /** In CSS pixels. */
  readonly width: number;
}

export const laneHeight = 22;
export const labelWidth = 84;
export const axisHeight = 20;
export const chartHeight = laneNames.length * laneHeight + axisHeight;

/** How many pixels share a mark: what lies closer is drawn once. */
const bin = 2;

export type Colours = Readonly<
  Record<'text' | 'quiet' | 'line' | 'accent' | 'warn' | 'error', string>
>;

/** Draws the marks of a window: as many as there are pixels, however many events there are. */
export function draw(
  context: CanvasRenderingContext2D,
  marks: Marks | undefined,
  view: Window,
  colours: Colours,
): void {
  context.clearRect(0, 0, view.width, chartHeight);
  context.font = '12px system-ui, sans-serif';
  context.textBaseline = 'middle';
  const scale = (view.width - labelWidth) / (view.to - view.from);
  const x = (at: number) => labelWidth + (at - view.from) * scale;

  laneNames.forEach((lane, index) => {
    const middle = (index + 0.5) * laneHeight;
    context.fillStyle = colours.quiet;
    context.fillText(lane, 8, middle);
    context.fillStyle = colours.line;
    context.fillRect(labelWidth, (index + 1) * laneHeight - 1, view.width - labelWidth, 1);
  });
  if (marks === undefined) return;

  context.save();
  context.beginPath();
  context.rect(labelWidth, 0, view.width - labelWidth, chartHeight);
  context.clip();
  for (const { from, to } of marks.gaps) drawGap(context, x(from), x(to), colours);
  laneNames.forEach((lane, index) => {
    drawLane(
      context,
      lane,
      marks.within(lane, view.from, view.to),
      (index + 0.5) * laneHeight,
      x,
      colours,
    );
  });
  context.restore();
}

function drawLane(
  context: CanvasRenderingContext2D,
  lane: Lane,
  marks: readonly Mark[],
  middle: number,
  x: (at: number) => number,
  colours: Colours,
): void {
  let last = -Infinity;
  for (const mark of marks) {
    const [from, to] = [x(mark.from), x(mark.to)];
    const isRun = mark.shape === 'run';
    // What matters is drawn wherever it is; the rest once for each bin.
    if (!isRun && mark.shape === 'note' && from - last < bin) continue;
    last = from;
    context.fillStyle = context.strokeStyle =
      mark.shape === 'error'
        ? colours.error
        : lane === 'request'
          ? colours.warn
          : isRun
            ? colours.accent
            : colours.text;
    if (isRun) context.fillRect(from, middle - 4, Math.max(to - from, bin), 8);
    else shapes[mark.shape](context, from, middle);
  }
}

const shapes: Readonly<
  Record<
    Exclude<Mark['shape'], 'run'>,
    (context: CanvasRenderingContext2D, x: number, y: number) => void
  >
> = {
  start(context, x, y) {
    context.beginPath();
    context.arc(x, y, 4, 0, 2 * Math.PI);
    context.fill();
  },
  end(context, x, y) {
    context.fillRect(x - 1, y - 7, 2, 14);
  },
  note(context, x, y) {
    context.fillRect(x - 1, y - 3, 2, 6);
  },
  request(context, x, y) {
    polygon(context, [x, y - 6, x + 6, y, x, y + 6, x - 6, y]);
  },
  error(context, x, y) {
    polygon(context, [x, y - 6, x + 6, y + 5, x - 6, y + 5]);
  },
};

function polygon(context: CanvasRenderingContext2D, points: readonly number[]): void {
  context.beginPath();
  for (let i = 0; i < points.length; i += 2) context.lineTo(points[i] ?? 0, points[i + 1] ?? 0);
  context.fill();
}

/** A hatched band: nothing was heard. */
function drawGap(
  context: CanvasRenderingContext2D,
  from: number,
  to: number,
  colours: Colours,
): void {
  const height = chartHeight - axisHeight;
  context.save();
  context.beginPath();
  context.rect(from, 0, Math.max(to - from, 3), height);
  context.clip();
  context.strokeStyle = colours.warn;
  context.globalAlpha = 0.5;
  context.beginPath();
  for (let x = from - height; x < to; x += 8) {
    context.moveTo(x, height);
    context.lineTo(x + height, 0);
  }
  context.stroke();
  context.restore();
}
