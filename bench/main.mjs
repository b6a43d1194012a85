// npm run bench: measures, prints tables and then the same as JSON, and fails if a goal is missed.
//
//   --events N        events through the socket (300,000)
//   --rounds N        rounds, of which the median counts (5; 9 with --against)
//   --only text       the rows whose name contains it
//   --against commit  compares with another commit instead (against.mjs), and fails if a row is slower
//   --json            JSON alone
//
// What the columns mean stands at the head of socket.mjs, latency.mjs, dispatch.mjs, routes.mjs,
// unrouted.mjs, replay.mjs, state.mjs and footprint.mjs.

import { cpus, loadavg } from 'node:os';
import { version } from 'node:process';
import { parseArgs } from 'node:util';
import { against } from './against.mjs';
import { dispatch } from './dispatch.mjs';
import { footprint } from './footprint.mjs';
import { goals } from './goals.mjs';
import { latency } from './latency.mjs';
import { replay } from './replay.mjs';
import { routes } from './routes.mjs';
import { socket } from './socket.mjs';
import { state } from './state.mjs';
import { unrouted } from './unrouted.mjs';
import {
  againstTable,
  dispatchTable,
  footprintTables,
  goalLines,
  latencyTable,
  replayTable,
  routesTable,
  socketTable,
  stateTable,
  unroutedTable,
} from './tables.mjs';

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '300000' },
    rounds: { type: 'string' },
    against: { type: 'string' },
    only: { type: 'string', default: '' },
    json: { type: 'boolean', default: false },
  },
});
values.rounds ??= values.against === undefined ? '5' : '9';
const options = {
  events: amount('events'),
  rounds: amount('rounds'),
  only: values.only,
};
const print = (text) => values.json || console.log(text);

const machine = { cores: cpus().length, cpu: cpus()[0]?.model, node: version, load: loadavg()[0] };
print(`${machine.cores} cores (${machine.cpu}), node ${version}, load ${machine.load.toFixed(2)}`);
print(`median of ${options.rounds} rounds (min to max)\n`);

if (values.against === undefined) await measure();
else await compare(values.against);

async function measure() {
  const results = { machine, options, socket: await socket(options) };
  print(socketTable(results.socket));
  results.latency = await latency(options);
  print(latencyTable(results.latency));
  results.dispatch = await dispatch(options);
  print(dispatchTable(results.dispatch));
  results.routes = await routes(options);
  print(routesTable(results.routes));
  results.unrouted = await unrouted(options);
  print(unroutedTable(results.unrouted));
  results.replay = await replay(options);
  print(replayTable(results.replay));
  results.state = await state(options);
  print(stateTable(results.state));
  results.footprint = await footprint(options);
  print(footprintTables(results.footprint));
  results.goals = goals(results);
  print(goalLines(results.goals));
  console.log(JSON.stringify(results, null, values.json ? 2 : 0));

  for (const { name, value, relation, bound, met } of results.goals) {
    if (met) continue;
    console.error(`goal missed: ${name} is ${value.toFixed(2)}, to be ${relation} ${bound}`);
    process.exitCode = 1;
  }
}

async function compare(commit) {
  const rows = await against(commit, options);
  print(againstTable(commit, rows));
  console.log(JSON.stringify({ machine, options, commit, rows }, null, values.json ? 2 : 0));
  for (const { name, ratio, verdict } of rows) {
    if (verdict !== 'slower') continue;
    console.error(`slower: ${name}, by a factor of ${ratio.toFixed(2)}`);
    process.exitCode = 1;
  }
}

function amount(name) {
  const number = Number(values[name]);
  if (Number.isInteger(number) && number > 0) return number;
  throw new RangeError(`--${name} must be a whole number above 0, not ${values[name]}.`);
}
