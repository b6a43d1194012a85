// The results as text.

const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;
const whole = (number) => number.toLocaleString('en');

/** What was done to the streams. */
export function faultTable({ played, moments, cuts, missed }) {
  const rows = Object.entries(played).map(([name, count]) => [name, whole(count)]);
  const when = Object.entries(moments).map(([state, count]) => [
    `  of them while ${state}`,
    whole(count),
  ]);
  const all = [['cuts in all', whole(cuts)], ...when, ['missed, not counted', whole(missed)]];
  return table([['fault', 'times'], ...rows, ...all]);
}

/** What came of it. */
export function figures(result) {
  const { streams, links, connections, gaps, events, ignored, unreadable, stale } = result;
  const { sent, marks, seconds } = result;
  const [first, last] = marks;
  return table([
    ['time', `${seconds.toFixed(1)} s`],
    ['streams', whole(streams)],
    ['sockets opened', whole(links)],
    ['connections that became ready', whole(connections)],
    ['gaps', whole(gaps)],
    ['sent: events', whole(sent.events)],
    ['sent: bytes', megabytes(sent.bytes)],
    ['reached an open socket: events', whole(events)],
    ['reached it: to ignore', whole(ignored)],
    ['reached it: unreadable', whole(unreadable)],
    ['told by sockets that were left', whole(stale)],
    ['heap at 25 %', first ? megabytes(first.heap) : ''],
    ['heap at 100 %', last ? megabytes(last.heap) : ''],
    ['resident at 25 %', first ? megabytes(first.rss) : ''],
    ['resident at 100 %', last ? megabytes(last.rss) : ''],
  ]);
}

/** What went wrong. */
export function violations({ counts, first }) {
  const kinds = Object.entries(counts).map(([kind, count]) => `${whole(count)} × ${kind}`);
  const lines = first.map(({ kind, message, at, stream, connection, after }) => {
    const where = stream ? `${stream}, connection ${connection ?? 'none'}: ` : '';
    const faults = after.length > 0 ? `\n      after: ${after.join(' | ')}` : '';
    return `  ${at} ${kind}: ${where}${message}${faults}`;
  });
  return [kinds.join(', '), ...lines].join('\n');
}

/** Columns as wide as their widest cell: the first to the left, the others to the right. */
function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const pad = (cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]));
  return rows.map((row) => row.map(pad).join('  ')).join('\n') + '\n';
}
