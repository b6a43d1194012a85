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

/** What was done to the servers that ask, and between them and their clients. */
export function requestTable({ happened, cuts }) {
  const rows = Object.entries(happened).map(([name, count]) => [name, whole(count)]);
  return table([['what happened', 'times'], ...rows, ['connections cut', whole(cuts)]]);
}

/** What came of it: how requests ended, by source, and the figures. */
export function requestFigures(result) {
  const { outcomes, seconds, worlds, processes, streams, asked, runs, late } = result;
  const sources = ['manager', 'app-server'];
  const ends = Object.entries(outcomes).sort(([one], [other]) => (one < other ? -1 : 1));
  const sum = (source) => ends.reduce((total, [, counts]) => total + counts[source], 0);
  const row = (name, count) => [name, ...sources.map((source) => whole(count(source)))];
  return [
    table([
      ['how they ended', ...sources],
      ...ends.map(([name, counts]) => row(name, (source) => counts[source])),
      row('in all', sum),
    ]),
    table([
      ['time', `${seconds.toFixed(1)} s`],
      ['servers', whole(worlds)],
      ['processes of theirs', whole(processes)],
      ['clients', whole(streams)],
      ['asked: requests', whole(asked)],
      ['asked: handlers', whole(runs)],
      ['answers of handlers that came late', whole(late)],
      ['answers that reached a server', whole(result.received)],
      ['answered, or somebody at the same time', whole(result.raced)],
      ['held back across a restart, which no client can close', whole(result.astray)],
      ['pending at the end', whole(result.pending)],
    ]),
  ].join('\n');
}

/** The same, over outages in time that passes faster. */
export const outageFigures = ({ factor, kept, ...result }) =>
  [
    `Time passes ${factor} times as fast, for clients, servers and all their limits: the outages`,
    'last from 1 s to 5 min.\n',
    requestFigures(result),
    table([['answers that were kept until the network was back', whole(kept)]]),
  ].join('\n');

/** How turns ended, by source, and what happened to them. */
export function turnFigures({ outcomes, happened, turns, seconds }) {
  const sources = ['manager', 'app-server'];
  const ends = Object.entries(outcomes).sort(([one], [other]) => (one < other ? -1 : 1));
  const rows = ends.map(([name, counts]) => [name, ...sources.map((one) => whole(counts[one]))]);
  return [
    table([['how turns ended', ...sources], ...rows]),
    table([
      ['time', `${seconds.toFixed(1)} s`],
      ['turns, started or watched', whole(turns)],
      ...Object.entries(happened).map(([name, count]) => [name, whole(count)]),
    ]),
  ].join('\n');
}

/** What came of the clients of a gateway. */
export function gatewayFigures(result) {
  const { cuts, restarts, lostSources, said, gaps, replayed, excused, seconds } = result;
  return table([
    ['time', `${seconds.toFixed(1)} s`],
    ['cuts, each of three clients', whole(cuts)],
    ['restarts of the gateway', whole(restarts)],
    ['losses of its source', whole(lostSources)],
    ['  of them restarts of its server', whole(result.restartedSources)],
    ['numbers sent', whole(said)],
    ['gaps', whole(gaps)],
    ['  of them replayed as a whole', whole(result.whole)],
    ['events replayed', whole(replayed)],
    ['numbers missing within a gap that said so', whole(excused)],
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
