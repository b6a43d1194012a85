// What is to be reached; a goal whose rows were not measured says nothing.

/** In bytes. Heap swings little from run to run. */
const mostHeap = {
  'heap of a stream': 60_000,
  'heap of a route of a type': 500,
  'heap of a route of a thread': 1_250,
  'heap of a request': 5_000,
  'heap of a thread': 10_500,
};

export function goals(results) {
  const { socket, latency, dispatch, routes, unrouted, replay, state, footprint } = results;
  const rate = (routes) => find(socket, `codex-rx, ${routes} routes`)?.ratio ?? NaN;
  const ns = (name) => find(dispatch, name)?.ns.median;
  // Both columns of the table are so many times better than bare; this goal is about the cost.
  const cost = 1 / (find(socket, 'codex-rx, 100 routes, ignore')?.cpuRatio ?? NaN);
  const late = find(latency, 'latency, codex-rx');
  const rates = [10, 100, 1_000, 10_000].map(rate);
  const router = ns('router, 10000 types');
  const figure = (name) => find(state, name)?.figure.median ?? NaN;
  const pushes = [10, 1_000, 10_000].map((size) => figure(`push, ${size} items, ns`));
  const view = (size) => figure(`push and view, ${size} items, ns`);
  const times = (name) => find(routes, name)?.ratio.median ?? NaN;
  const cpu = (name) => find(unrouted, name)?.ratio.median ?? NaN;
  const interest = ['one type', 'one thread'].flatMap((name) => [
    goal(`unrouted, ${name}, above the floor`, cpu(name) - cpu('floor'), '<=', 0.3),
    goal(`unrouted, ${name}`, cpu(name), '<=', 0.48),
    goal(
      `unrouted, ${name}, lean, above the floor`,
      cpu(`${name}, lean`) - cpu('floor, lean'),
      '<=',
      0.22,
    ),
    goal(`unrouted, ${name}, lean`, cpu(`${name}, lean`), '<=', 0.4),
  ]);
  const asked = cpu('all wanted') - cpu('all wanted, without the option');
  return [
    ...interest,
    goal('unrouted, nothing to drop, more than without', asked, '<=', 0.12),
    goal(
      '1,000 routes, bare / codex-rx, as recorded',
      1 / cpu('1,000 routes, as recorded'),
      '>=',
      0.87,
    ),
    goal('1,000 routes, x bare ws', rate(1_000), '>=', 0.85),
    goal(
      '10 to 10,000 routes, slowest / fastest',
      Math.min(...rates) / Math.max(...rates),
      '>=',
      0.85,
    ),
    goal('CPU for each frame with ignore, x bare ws', cost, '<=', 0.65),
    goal('latency p50, x bare ws', late?.ratio50 ?? NaN, '<=', 1.15),
    goal('latency p99, x bare ws', late?.ratio99 ?? NaN, '<=', 1.15),
    goal('dispatch at 10,000 types, ns', router, '<=', 100),
    goal('replay of a file, x parse', find(replay, 'replay, a file')?.ratio ?? NaN, '>=', 0.7),
    goal('registering 40,000 routes of one type, x 5,000', times('registering'), '<=', 9),
    goal('removing 40,000 routes of one type, x 5,000', times('removing'), '<=', 9),
    goal('a delta into state, x parse', Math.max(...pushes) / figure('parse, ns'), '<=', 0.5),
    goal(
      'a delta into state, 10 to 10,000 items',
      Math.max(...pushes) / Math.min(...pushes),
      '<=',
      1.3,
    ),
    goal('a view after a delta, 10,000 items, x 10', view(10_000) / view(10), '<=', 10),
    goal('heap of a million deltas, x text', figure('heap / text'), '<=', 1.5),
    goal('the same with views, x text', figure('heap / text, a view each 330'), '<=', 1.5),
    goal('the same of reasoning, x text', figure('heap / text of reasoning'), '<=', 1.5),
    goal('views a second of 20,000 deltas', figure('views a second'), '<=', 63),
    goal('dispatch at 10,000 types, x Map', router / ns('Map, 10000 types'), '<=', 4),
    ...footprint.heaps.map(({ name, bytes }) => goal(name, bytes.median, '<=', mostHeap[name])),
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
