// What is made of the rounds: the median, between the worst and the best.

export const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

export const spread = (values) => ({
  median: median(values),
  min: Math.min(...values),
  max: Math.max(...values),
});

/** `count` rounds of all rows, one after the other: a slow moment of the machine hits every row. */
export async function rounds(rows, count, measure) {
  const results = rows.map(() => []);
  for (let round = 0; round < count; round++) {
    for (const [i, row] of rows.entries()) results[i].push(await measure(row));
  }
  return results;
}
