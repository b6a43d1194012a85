// npm run chaos: shows that the connection of connectManager survives anything. Streams of a real
// server, each behind a proxy of its own, are cut at random moments in every way there is, and an
// audit watches what they make of it. Then the same with deliberate bugs, each of which the audit
// must find. Exits with 1 if the library fails, or the audit.
//
//   --cuts N        connections to cut (1,000)
//   --seconds N     how long all of it may take, instead: about two thirds for the library
//   --seed N        repeats the faults of an earlier run (their moments differ, for time is real)
//   --streams N     streams at once (8)
//   --control name  runs with this bug alone, of those in controls.mjs

import { parseArgs } from 'node:util';
import { controls } from './controls.mjs';
import { inProcesses } from './processes.mjs';
import { run } from './run.mjs';
import { faultTable, figures, violations } from './tables.mjs';

const { values } = parseArgs({
  options: {
    cuts: { type: 'string' },
    seconds: { type: 'string' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1e9)) },
    streams: { type: 'string', default: '8' },
    control: { type: 'string' },
  },
});
const control = values.control;
if (control !== undefined && !Object.hasOwn(controls, control)) {
  throw new RangeError(`--control must be one of ${Object.keys(controls).join(', ')}.`);
}
const seconds = values.seconds === undefined ? Infinity : amount('seconds');
const options = {
  seed: amount('seed'),
  cuts: values.cuts === undefined && seconds < Infinity ? Infinity : amount('cuts', 1_000),
  seconds: seconds * 0.65,
  streams: amount('streams'),
};
// Nothing waits for ever; if it does after all, that is a failure too.
setTimeout(() => {
  console.error(`FAILED, seed ${options.seed}: it hangs`);
  process.exit(1);
}, 290_000).unref();

if (control === undefined) {
  console.log(`seed ${options.seed}`);
  await real();
  await bugs();
} else await bug(control);

/** The library as it is. */
async function real() {
  const result = await run(options);
  const { journal } = result;
  console.log(`\n${faultTable(result)}\n${figures(result)}`);
  if (journal.isClean) console.log('ok: nothing was lost, late, doubled or left over');
  else fail(`FAILED, seed ${options.seed}: ${violations(journal)}`);
}

/** The library with each of the bugs, each in a process of its own. */
async function bugs() {
  const commands = Object.keys(controls).map((name) => ['--control', name, '--seed', options.seed]);
  for (const { code, output } of await inProcesses(import.meta.filename, commands)) {
    if (code === 0) console.log(output.split('\n')[0]);
    else fail(output);
  }
}

/**
 * The library with a bug that must be found: the run ends as soon as it is, or after a few cuts, for
 * some are found at the end alone.
 */
async function bug(name) {
  const control = controls[name];
  const { finds } = control;
  const brief = { seed: options.seed, streams: 4, cuts: 25, seconds: Infinity };
  const { journal, seconds } = await run({ ...brief, control });
  const { counts } = journal;
  const found = Object.entries(counts).map(([kind, count]) => `${count} × ${kind}`);
  const line = `control ${name} (${seconds.toFixed(1)} s): ${found.join(', ') || 'nothing found'}`;
  if (finds in counts) console.log(`ok: ${line}`);
  else fail(`FAILED, seed ${options.seed}: ${line}, and not ${finds}`);
  console.log(violations(journal));
}

function fail(text) {
  console.error(text);
  process.exitCode = 1;
}

function amount(name, standard) {
  const number = Number(values[name] ?? standard);
  if (Number.isInteger(number) && number > 0) return number;
  throw new RangeError(`--${name} must be a whole number above 0, not ${values[name]}.`);
}
