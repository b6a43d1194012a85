// The results as text.

export function socketTable(rows) {
  if (rows.length === 0) return '';
  return table(
    ['socket', 'events', 'events/s', '(min to max)', 'x bare', 'CPU ns', 'x bare'],
    rows.map(({ name, events, perSecond, ratio, cpuNs, cpuRatio }) => [
      name,
      whole(events),
      whole(perSecond.median),
      range(perSecond),
      ratio?.toFixed(2) ?? '',
      whole(cpuNs.median),
      cpuRatio?.toFixed(2) ?? '',
    ]),
  );
}

export function latencyTable(rows) {
  if (rows.length === 0) return '';
  return table(
    ['one event at a time', 'p50 us', '(min to max)', 'x bare', 'p99 us', '(min to max)', 'x bare'],
    rows.map(({ name, p50, p99, ratio50, ratio99 }) => [
      name,
      whole(p50.median),
      range(p50),
      ratio50.toFixed(2),
      whole(p99.median),
      range(p99),
      ratio99.toFixed(2),
    ]),
  );
}

export function dispatchTable(rows) {
  if (rows.length === 0) return '';
  return table(
    ['in process', 'ns/event', '(min to max)'],
    rows.map(({ name, ns }) => [name, whole(ns.median), range(ns)]),
  );
}

export function replayTable(rows) {
  if (rows.length === 0) return '';
  return table(
    ['recordings', 'frames', 'frames/s', '(min to max)', 'x parse'],
    rows.map(({ name, frames, perSecond, ratio }) => [
      name,
      whole(frames),
      whole(perSecond.median),
      range(perSecond),
      ratio?.toFixed(2) ?? '',
    ]),
  );
}

export function routesTable(rows) {
  if (rows.length === 0) return '';
  return table(
    ['routes of one type', '5,000: ns each', '40,000: ns each', 'all: x 5,000', '(min to max)'],
    rows.map(({ name, few, many, ratio }) => [
      name,
      whole(few.median),
      whole(many.median),
      ratio.median.toFixed(1),
      `${ratio.min.toFixed(1)} to ${ratio.max.toFixed(1)}`,
    ]),
  );
}

export function stateTable(rows) {
  if (rows.length === 0) return '';
  return table(
    ['threads as state', 'figure', '(min to max)'],
    rows.map(({ name, figure }) => [
      name,
      figure.median.toFixed(2),
      `${figure.min.toFixed(2)} to ${figure.max.toFixed(2)}`,
    ]),
  );
}

export function unroutedTable(rows) {
  if (rows.length === 0) return '';
  return table(
    ['unrouted frames dropped', 'CPU, x bare', '(min to max)', 'CPU ns'],
    rows.map(({ name, ratio, ns }) => [
      name,
      ratio.median.toFixed(2),
      `${ratio.min.toFixed(2)} to ${ratio.max.toFixed(2)}`,
      whole(ns.median),
    ]),
  );
}

export function footprintTables({ imports, heaps }) {
  const importing = table(
    ['imports', 'CPU ms', '(min to max)', 'x rxjs', 'heap kB'],
    imports.map(({ name, ms, ratio, kilobytes }) => [
      name,
      whole(ms.median),
      range(ms),
      ratio.median.toFixed(1),
      whole(kilobytes.median),
    ]),
  );
  const held = table(
    ['what is held', 'bytes', '(min to max)'],
    heaps.map(({ name, bytes }) => [name, whole(bytes.median), range(bytes)]),
  );
  return [imports.length > 0 ? importing : '', heaps.length > 0 ? held : ''].join('\n');
}

export function againstTable(commit, rows) {
  return table(
    ['CPU time', 'unit', commit, '(min to max)', 'now', '(min to max)', 'now / before', ''],
    rows.map(({ name, unit, before, after, ratio, verdict }) => [
      name,
      unit,
      whole(before.median),
      range(before),
      whole(after.median),
      range(after),
      ratio.toFixed(2),
      verdict,
    ]),
  );
}

export const goalLines = (goals) =>
  goals
    .map(({ name, value, relation, bound, met }) => {
      const figures = `${value.toFixed(2)} (${relation} ${bound})`;
      return `${met ? 'met' : 'MISSED'}: ${name}: ${figures}`;
    })
    .join('\n');

const whole = (number) => Math.round(number).toLocaleString('en');
const range = ({ min, max }) => `${whole(min)} to ${whole(max)}`;

/** Columns as wide as their widest cell: the first to the left, the others to the right. */
function table(head, rows) {
  const lines = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  const pad = (cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]));
  return lines.map((line) => line.map(pad).join('  ')).join('\n') + '\n';
}
