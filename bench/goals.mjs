// What is to be reached; a goal whose rows were not measured says nothing.

export function goals({ socket, dispatch }) {
  const rate = (routes) => find(socket, `codex-rx, ${routes} routes`)?.ratio ?? NaN;
  const ns = (name) => find(dispatch, name)?.ns.median;
  const rates = [10, 100, 1_000, 10_000].map(rate);
  const router = ns('router, 10000 types');
  return [
    goal('1,000 routes, x bare ws', rate(1_000), '>=', 0.85),
    goal(
      '10 to 10,000 routes, slowest / fastest',
      Math.min(...rates) / Math.max(...rates),
      '>=',
      0.85,
    ),
    goal('dispatch at 10,000 types, ns', router, '<=', 100),
    goal('dispatch at 10,000 types, x Map', router / ns('Map, 10000 types'), '<=', 4),
  ].filter(({ value }) => Number.isFinite(value));
}

const find = (rows, name) => rows.find((row) => row.name === name);

const goal = (name, value, relation, bound) => ({
  name,
  value,
  relation,
  bound,
  met: relation === '>=' ? value >= bound : value <= bound,
});
