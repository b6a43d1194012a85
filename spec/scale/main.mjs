// npm run scale: shows that many machines on NATS lose nothing and keep the order of each thread. Publishers, workers and
// nats-server are killed at random moments, while a counter audits, in each mode of the workers. Then the same with
// deliberate mistakes, each of which the audit must find; then how four workers compare with one; then what a publisher
// keeps while NATS is away for a minute; then what clients of a gateway cost that never read. Exits with 1 if the library
// fails, or the audit.
//
//   --seconds N   how long the kills of a mode go on (60); each mistake takes half of it, at most 20
//   --seed N      repeats the choices of an earlier run (their moments differ, for time is real)
//   --only name   `kills`, `mistakes`, `ratio`, `outage` or `clients`
//   --mode name   `one` or `leased`: the kills and mistakes of this mode alone

import { AckPolicy, jetstreamManager } from '@nats-io/jetstream';
import { nanos } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import { env } from 'node:process';
import { parseArgs } from 'node:util';
import { installNatsServer } from '../../.ci/nats-server.mjs';
import { startScene, wait } from '../../examples/scale-out/scene.mjs';
import { randomFrom } from '../chaos/random.mjs';
import { mistake } from './mistakes.mjs';
import { outage, problemsOf as problemsOfOutage } from './outage.mjs';
import { leasedAgainstOne, ratio } from './ratio.mjs';
import { problemsOf, slowClients } from './slow-clients.mjs';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1e9)) },
    only: { type: 'string' },
    mode: { type: 'string' },
  },
});
const seconds = Number(values.seconds);
const seed = Number(values.seed);
if (values.only !== 'clients') env.NATS_SERVER = installNatsServer();
const problems = [];
console.log(`seed ${seed}`);

const partitions = 4;
const acts = ['worker', 'worker', 'worker', 'worker', 'leader', 'frozen', 'handover', 'stop'];
/** How many events come again at most for each partition of a worker that is killed, in each mode. */
const promised = { one: 1, leased: 100 };
const modes = values.mode ? [values.mode] : Object.keys(promised);
if (!values.only || values.only === 'kills') {
  for (const mode of modes) {
    const options = { env: { MODE: mode } };
    // In mode `leased` a worker may sleep for longer than its lease, too: it finishes one event late.
    const own = mode === 'leased' ? [...acts, 'asleep'] : acts;
    const { result, kills } = await run((seconds * 2) / 3, options, own);
    report(`kills, ${mode}`, result, kills);
    const most = (kills.workers + kills.asleep) * partitions * promised[mode];
    if (result.again > most) {
      problems.push(`${mode}: ${result.again} again, ${most} at most are promised`);
    }
    // In mode `one` nats-server forgets the acknowledgements of its last moments: how many is up to it.
    const other = await run(seconds / 3, options, [...acts, 'server', 'server', 'server']);
    report(`kills, of nats-server too, ${mode}`, other.result, other.kills);
  }
}

const mistakes = {
  'a window of 1,000 events': {
    prepare: ({ url }) => consumers(url, { max_ack_pending: 1_000 }),
    isFound: ({ lost, inversions }) => lost + inversions > 0,
  },
  'acknowledging all before': {
    prepare: ({ url }) => consumers(url, { max_ack_pending: 1_000, ack_policy: AckPolicy.All }),
    isFound: ({ lost, inversions }) => lost + inversions > 0,
  },
  'a standby that keeps nothing': {
    env: { STANDBY: 'no' },
    acts: ['leader'],
    isFound: ({ lost, gaps }) => lost > 0 && gaps > 0,
  },
  'a worker that goes on behind the end of its lease': {
    mode: 'leased',
    env: {
      WORK_MS: '10',
      ...mistake(
        ['lease.js', 'const isValid = () =>', 'const isValid = () => true ||'],
        ['lease.js', 'const lose = () => {', 'const lose = () => { return;'],
        [
          'checkpoints.js',
          'this.state.update(this.key, encode(stored), this.revision)',
          'this.state.put(this.key, encode(stored))',
        ],
        // It would notice that it does not see the leases any more.
        ['group-view.js', '++unheard > mostUnheard', 'false'],
      ),
    },
    acts: ['asleep'],
    // Of four workers one has one partition, so no more than that many come again for each.
    isFound: ({ overlaps, again }, { asleep }) =>
      overlaps > asleep * partitions || again > asleep * promised.leased,
  },
  'a checkpoint before the handler has ended': {
    mode: 'leased',
    // One worker, which is killed when it has all partitions.
    workers: 1,
    pause: 3_000,
    env: {
      WORK_MS: '40',
      ...mistake(
        [
          'leased-partition.js',
          'isHandled = false;',
          'isHandled = false; checkpoint.advance(message.seq, 1);',
        ],
        // Written often, so that a kill comes behind it.
        ['checkpoints.js', 'const interval = 200', 'const interval = 1'],
      ),
    },
    acts: ['worker'],
    isFound: ({ lost }) => lost > 0,
  },
};
if (!values.only || values.only === 'mistakes') {
  for (const [name, one] of Object.entries(mistakes)) {
    const { isFound, mode = 'one', acts: own = acts, env = {}, ...rest } = one;
    if (!modes.includes(mode)) continue;
    const options = { ...rest, env: { ...env, MODE: mode } };
    const { result, kills } = await run(Math.min(20, seconds / 2), options, own);
    console.table({ [name]: { ...result, ...kills } });
    if (!isFound(result, kills)) problems.push(`the audit did not find ${name}`);
  }
}
if (!values.only || values.only === 'ratio') {
  for (const mode of modes) {
    const found = (await ratio(mode)).toFixed(2);
    console.log(`${mode}: 4 partitions and workers against 1 and 1, handlers of 10 ms: ${found}`);
    if (found < 2.5) problems.push(`${mode}: 4 workers are only ${found} times as fast as one`);
  }
  const quick = (await leasedAgainstOne()).toFixed(2);
  console.log(`leased against one, a worker with 4 partitions that does nothing: ${quick}`);
}
if (!values.only || values.only === 'outage') {
  const bounded = await outage(60, 'bounded');
  console.table(bounded.table);
  problems.push(...problemsOfOutage(bounded));
  const control = await outage(30, 'unbounded');
  console.table(control.table);
  if (problemsOfOutage(control).length === 0)
    problems.push('an outbox without a bound was not found');
}
if (!values.only || values.only === 'clients') {
  const runs = [];
  for (let n = 0; n < 3; n++) runs.push(await slowClients('bounded'));
  console.table(runs);
  problems.push(...problemsOf(runs));
  const control = await slowClients('unbounded');
  console.table({ 'clients without a bound': control });
  if (problemsOf([control]).length < 2) problems.push('clients without a bound were not found');
}
for (const problem of problems) console.error(`FAILED, seed ${seed}: ${problem}`);
process.exit(problems.length > 0 ? 1 : 0);

function report(name, result, kills) {
  console.table({ [name]: { ...result, ...kills } });
  for (const what of ['lost', 'inversions', 'gaps', 'unanswered', 'answeredTwice']) {
    if (result[what] > 0) problems.push(`${name}: ${result[what]} ${what}`);
  }
  // Only a worker that was asleep finishes its event, of each partition, while another one goes on.
  if (result.overlaps > kills.asleep * partitions) {
    problems.push(`${name}: two workers in a thread during ${result.overlaps} events`);
  }
}

async function run(seconds, options, acts) {
  const random = randomFrom(seed).next;
  const scene = await startScene(options);
  const { processes, nats } = scene;
  const kills = { workers: 0, asleep: 0, leaders: 0, frozen: 0, handovers: 0, servers: 0 };
  const talking = scene.talk();
  const pick = (list) => list[Math.floor(random() * list.length)];
  const act = {
    worker() {
      kills.workers++;
      pick(processes.all('worker'))?.child.kill('SIGKILL');
    },
    async asleep() {
      const child = pick(processes.all('worker'))?.child;
      if (!child) return;
      kills.asleep++;
      child.kill('SIGSTOP');
      await wait(4_000);
      child.kill('SIGCONT');
    },
    async stop() {
      pick(processes.all('worker'))?.child.kill('SIGTERM');
    },
    async leader() {
      // With no standby there would be a gap, and that is announced: another thing than is shown here.
      await scene.hasStandby();
      kills.leaders++;
      processes.leader()?.child.kill('SIGKILL');
      await wait(1_000);
    },
    async handover() {
      await scene.hasStandby();
      kills.handovers++;
      processes.leader()?.child.kill('SIGTERM');
      await wait(1_000);
    },
    async frozen() {
      await scene.hasStandby();
      const child = processes.leader()?.child;
      if (!child) return;
      kills.frozen++;
      child.kill('SIGSTOP');
      await wait(4_000);
      child.kill('SIGCONT');
      await wait(1_000);
    },
    async server() {
      await scene.hasStandby();
      kills.servers++;
      await nats.kill();
      await wait(200 + random() * 800);
      await nats.restart();
      await wait(2_000);
    },
  };
  const end = Date.now() + seconds * 1_000;
  await wait(1_000);
  while (Date.now() < end) {
    await act[pick(acts)]();
    await wait((options.pause ?? 500) + random() * 1_500);
  }
  await scene.settle();
  await talking;
  const result = scene.result();
  const reasons = await gapsOf(nats.url);
  if (reasons.length > 0) console.log(`gaps: ${reasons.join(', ')}`);
  await scene.end();
  return { result, kills };
}

/** Why the publishers have announced gaps. */
async function gapsOf(url) {
  const nc = await connect({ servers: url });
  const jsm = await jetstreamManager(nc);
  const reasons = [];
  const next_by_subj = 'codex.demo.ev.0._.codex_rx.gap';
  for (let seq = 1; ; seq++) {
    const marker = await jsm.direct
      .getMessage('CODEX_demo', { seq, next_by_subj })
      .catch(() => null);
    if (!marker) break;
    seq = marker.seq;
    const { reason, duration } = marker.json().payload;
    reasons.push(`${reason} ${duration} ms`);
  }
  await nc.close();
  return reasons;
}

/** The consumers of the workers as a mistake has them: a worker takes what is there. */
async function consumers(url, mistake) {
  const nc = await connect({ servers: url });
  const jsm = await jetstreamManager(nc);
  for (let partition = 0; partition < 4; partition++) {
    await jsm.consumers.add('CODEX_demo', {
      durable_name: `workers-${partition}`,
      filter_subject: `codex.demo.ev.${partition}.>`,
      ack_policy: AckPolicy.Explicit,
      ack_wait: nanos(1_500),
      max_deliver: -1,
      ...mistake,
    });
  }
  await nc.close();
}
