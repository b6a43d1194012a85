// npm run chaos: shows that connections survive anything, and that requests are answered once. Streams
// of a real server, each behind a proxy of its own, are cut at random moments in every way there is,
// and an audit watches what they make of it. Then servers of both kinds ask, are restarted and answer
// wrong, and another audit compares what their clients say with the truth. Then the same with
// deliberate bugs, each of which the audits must find. Exits with 1 if the library fails, or an audit.
//
//   --cuts N        connections to cut (1,000)
//   --requests N    requests to ask (500)
//   --outages N     outages of each server, from 1 s to 5 min in time that passes faster (10)
//   --turns N       turns to start (300)
//   --gateway N     cuts of the clients of a gateway (500), which restarts once in 25 of them; with
//                   `--only gateway`, `--cuts N` says the same
//   --seconds N     how long all of it may take, instead: about half for the connections
//   --seed N        repeats the faults of an earlier run (their moments differ, for time is real)
//   --streams N     streams at once (8)
//   --only name     `connections`, `requests`, `outages`, `turns` or `gateway`, without bugs
//   --control name  runs with this bug alone, of those in the files controls.mjs
//
// The last lines of a run that fails say what failed, and how to run that again.

import { parseArgs } from 'node:util';
import { controls } from './controls.mjs';
import { gatewayControls } from './gateway/controls.mjs';
import { runGateway } from './gateway/run.mjs';
import { outageControls } from './outages/controls.mjs';
import { runOutages } from './outages/run.mjs';
import { inProcesses } from './processes.mjs';
import { requestControls } from './requests/controls.mjs';
import { runRequests } from './requests/run.mjs';
import { run } from './run.mjs';
import {
  faultTable,
  figures,
  gatewayFigures,
  outageFigures,
  requestFigures,
  requestTable,
  turnFigures,
  violations,
} from './tables.mjs';
import { turnControls } from './turns/controls.mjs';
import { runTurns } from './turns/run.mjs';

const { values } = parseArgs({
  options: {
    cuts: { type: 'string' },
    requests: { type: 'string' },
    outages: { type: 'string' },
    turns: { type: 'string' },
    gateway: { type: 'string' },
    seconds: { type: 'string' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1e9)) },
    streams: { type: 'string', default: '8' },
    only: { type: 'string' },
    control: { type: 'string' },
  },
});
/** How many rounds a bug may take to be found: one may not meet the moment that it needs. */
const rounds = 6;
/** How many failures are told of at the end. */
const shown = 4;
const { control, only } = values;
const bugs = {
  ...controls,
  ...requestControls,
  ...outageControls,
  ...turnControls,
  ...gatewayControls,
};
const properties = { connections, requests, outages, turns, gateway };
mustBeOneOf('control', Object.keys(bugs));
mustBeOneOf('only', Object.keys(properties));
const seed = amount('seed');
const seconds = values.seconds === undefined ? Infinity : amount('seconds');
/** What failed, and how it is run again. */
const failures = [];
// Nothing waits for ever; if it does after all, that is a failure too.
const guard = setTimeout(() => {
  fail('it hangs');
  end();
}, 420_000).unref();
// An audit listens for what nobody handles, and would take it for a bug of the library.
await main().catch((error) => {
  console.error(error);
  fail(String(error));
  end();
});
tellFailures();

async function main() {
  if (control !== undefined) return bug(control);
  if (only !== undefined) return properties[only]();
  console.log(`seed ${seed}`);
  await connections();
  await others();
}

/** The connections of the library as it is. */
async function connections() {
  const cuts = values.cuts === undefined && seconds < Infinity ? Infinity : amount('cuts', 1_000);
  const options = { seed, cuts, seconds: seconds * 0.5, streams: amount('streams') };
  const result = await run(options);
  console.log(`\n${faultTable(result)}\n${figures(result)}`);
  conclude(result, 'nothing was lost, late, doubled or left over', [
    ['--only', 'connections'],
    given('cuts', 'seconds', 'streams'),
  ]);
}

/** The requests of the library as it is. */
async function requests() {
  const asked =
    values.requests === undefined && seconds < Infinity ? Infinity : amount('requests', 500);
  const result = await runRequests({ seed, asked, seconds: seconds * 0.2 });
  console.log(`\n${requestTable(result)}\n${requestFigures(result)}`);
  conclude(result, 'each was handled, answered and settled once, and what is pending is right');
}

/** The requests of the library as it is, over outages. */
async function outages() {
  const result = await runOutages({ seed, outages: amount('outages', 10) });
  console.log(`\n${requestTable(result)}\n${outageFigures(result)}`);
  conclude(result, 'each answer arrived once, and only where it must, however long that took');
}

/** The turns of the library as it is. */
async function turns() {
  const result = await runTurns({ seed, turns: amount('turns', 300) });
  console.log(`\n${turnFigures(result)}`);
  conclude(result, 'each turn has ended, once, and as its server says');
}

/** The clients of a gateway, as it is. */
async function gateway() {
  const cuts = amount('gateway', only === 'gateway' ? (values.cuts ?? 500) : 500);
  const result = await runGateway({ seed, cuts, restarts: Math.ceil(cuts / 25) });
  console.log(`\n${gatewayFigures(result)}`);
  conclude(result, 'each number came once and in order, or within a gap that said so');
}

/** @param command How it is run again, without its seed: as it was, by default. */
function conclude({ journal }, praise, command = [given(...Object.keys(values))]) {
  if (journal.isClean) {
    console.log(`ok: ${praise}`);
    return;
  }
  const text = violations(journal);
  console.error(`FAILED, seed ${seed}: ${text}`);
  fail(text.split('\n')[0], [...command.flat(), '--seed', seed]);
}

/** Those of the options that were given. */
function given(...names) {
  return names
    .filter((name) => name !== 'seed' && values[name] !== undefined)
    .flatMap((name) => [`--${name}`, values[name]]);
}

/** What has a process of its own: requests, and each of the bugs. */
async function others() {
  const commands = [
    ['--only', 'requests', ...given('requests', 'seconds')],
    ['--only', 'outages', ...(seconds < Infinity ? ['--outages', 5] : given('outages'))],
    ['--only', 'turns', ...(seconds < Infinity ? ['--turns', 80] : given('turns'))],
    ['--only', 'gateway', ...(seconds < Infinity ? ['--gateway', 100] : given('gateway'))],
    ...Object.keys(bugs).map((name) => ['--control', name]),
  ].map((command) => [...command, '--seed', seed]);
  const results = await inProcesses(import.meta.filename, commands, () => guard.refresh());
  for (const { code, output } of results) {
    const isShort = code === 0 && output.startsWith('ok');
    console.log(isShort ? output.split('\n')[0] : `\n${output}\n`);
  }
  for (const [at, { code, output }] of results.entries()) {
    if (code === 0) continue;
    const [, what = `it ended with ${code}`] = /^ {2}node .* # (.*)$/m.exec(output) ?? [];
    fail(what, commands[at]);
  }
}

/**
 * The library with a bug that must be found: each round ends as soon as it is, or after a while, for
 * some are found at the end alone.
 */
async function bug(name) {
  const control = bugs[name];
  const { finds } = control;
  const begun = performance.now();
  let round = 1;
  let { journal } = await roundOf(name, control, seed);
  for (; !journal.has(finds) && round < rounds; round++) {
    ({ journal } = await roundOf(name, control, `${seed}/${round}`));
  }
  const found = violations(journal).split('\n')[0] || 'nothing found';
  const took = `${((performance.now() - begun) / 1000).toFixed(1)} s`;
  const line = `control ${name} (${took}, round ${round}): ${found}`;
  if (journal.has(finds)) console.log(`ok: ${line}`);
  else {
    console.error(`FAILED, seed ${seed}: ${line}, and not ${finds}`);
    fail(`nothing was found that is ${finds}`);
  }
  console.log(violations(journal));
}

function roundOf(name, control, seed) {
  if (Object.hasOwn(controls, name)) {
    return run({ seed, streams: 4, cuts: control.cuts ?? 25, seconds: Infinity, control });
  }
  if (Object.hasOwn(turnControls, name)) return runTurns({ seed, turns: 40, control });
  // It ends as soon as it has found something.
  if (Object.hasOwn(gatewayControls, name)) {
    return runGateway({ seed, cuts: 750, restarts: 60, control });
  }
  if (Object.hasOwn(outageControls, name)) return runOutages({ seed, outages: 4, control });
  return runRequests({ seed, asked: 40, seconds: Infinity, control });
}

/** @param command How it is run again: as it was, by default. */
function fail(what, command = [...given(...Object.keys(values)), '--seed', seed]) {
  failures.push({ what, command });
  process.exitCode = 1;
}

/** Says what failed in no more than five lines: of a log, CI shows the end. */
function tellFailures() {
  if (failures.length === 0) return;
  const more = failures.length > shown ? `, of which the first ${shown} are` : '';
  console.error(`\nFAILED: ${failures.length}${more}`);
  for (const { what, command } of failures.slice(0, shown)) {
    const words = command.map((word) => (/\s/.test(word) ? `"${word}"` : word));
    console.error(`  node spec/chaos/main.mjs ${words.join(' ')} # ${what}`);
  }
}

function end() {
  tellFailures();
  process.exit(1);
}

function amount(name, standard) {
  const number = Number(values[name] ?? standard);
  if (Number.isInteger(number) && number > 0) return number;
  throw new RangeError(`--${name} must be a whole number above 0, not ${values[name]}.`);
}

function mustBeOneOf(name, all) {
  if (values[name] === undefined || all.includes(values[name])) return;
  throw new RangeError(`--${name} must be one of ${all.join(', ')}.`);
}
