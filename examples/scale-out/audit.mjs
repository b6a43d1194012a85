// Compares what the workers have written into their journal with what the agent has sent.

import { readFileSync } from 'node:fs';

/**
 * @param sent How many events of each thread were sent: they are numbered from 0.
 * @param asked The ids of the calls that were made.
 * @param answers How often each call was answered.
 */
export function audit(journal, sent, asked, answers) {
  const lines = readFileSync(journal, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => line.split(' '));
  lines.sort((a, b) => (BigInt(a[1]) < BigInt(b[1]) ? -1 : 1));
  const seen = new Map();
  const result = {
    events: 0,
    lost: 0,
    again: 0,
    inversions: 0,
    overlaps: 0,
    gaps: 0,
    calls: asked.length,
    runs: 0,
    unanswered: 0,
    answeredTwice: 0,
  };
  for (const [what, end, id, number, , pid, began] of lines) {
    if (what === 'gap') result.gaps++;
    else if (what === 'call') result.runs++;
    else {
      const thread = seen.get(id) ?? { numbers: new Set(), last: -1, times: [] };
      seen.set(id, thread);
      const n = Number(number);
      result.events++;
      if (thread.numbers.has(n)) result.again++;
      // One that comes for the first time after a later one.
      else if (n < thread.last) result.inversions++;
      thread.numbers.add(n);
      thread.last = Math.max(thread.last, n);
      thread.times.push({ pid, began: BigInt(began), end: BigInt(end) });
    }
  }
  for (const { times } of seen.values()) result.overlaps += overlapsIn(times);
  for (const [id, count] of sent) result.lost += count - (seen.get(id)?.numbers.size ?? 0);
  for (const id of asked) {
    const times = answers(id);
    if (times === 0) result.unanswered++;
    else if (times > 1) result.answeredTwice++;
  }
  return result;
}

/** During how many events of a thread another worker has begun one. */
function overlapsIn(times) {
  const sorted = times.toSorted((a, b) => (a.began < b.began ? -1 : 1));
  return sorted.filter(({ pid, end }, index) => {
    for (let next = index + 1; sorted[next]?.began < end; next++) {
      if (sorted[next].pid !== pid) return true;
    }
    return false;
  }).length;
}
