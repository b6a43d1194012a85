// All consumers in one process, a slice each in random order, round by round.
//
//   node measure.mjs <rounds> [part of a name]

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { argv, cpuUsage, exit } from 'node:process';
import { spread } from '../figures.mjs';
import { consumers } from './consumers.mjs';

const [rounds, only = ''] = [Number(argv[2]), argv[3]];
const warm = Math.max(2, rounds >> 2);
const frames = 2_500;

const sender = fork(join(import.meta.dirname, 'sender.mjs'));
const [{ port }] = await once(sender, 'message');
const always = ['floor', 'bare', 'floor, lean', 'bare, lean', 'bare, as recorded'];
const chosen = consumers.filter(({ name }) => always.includes(name) || name.includes(only));

const running = [];
for (const { name, mix, connect } of chosen) {
  let done;
  const url = `ws://127.0.0.1:${port}/api/stream?mix=${mix}`;
  const end = () => done();
  await connect(url, frames, end);
  running.push({ name, mix, costs: [], slice: () => new Promise((resolve) => (done = resolve)) });
}

for (let round = 0; round < warm + rounds; round++) {
  const order = running.map((_, index) => index).sort(() => Math.random() - 0.5);
  for (const index of order) {
    const { costs, slice } = running[index];
    // It is written before it is measured: the sender has it ready.
    sender.send({ prepare: index, frames });
    await once(sender, 'message');
    const ended = slice();
    const before = cpuUsage();
    sender.send({ go: index });
    await ended;
    const { user, system } = cpuUsage(before);
    if (round >= warm) costs.push(user + system);
  }
}

const bareOf = (mix) => running.find((row) => row.name.startsWith('bare') && row.mix === mix).costs;
const rows = running.map(({ name, mix, costs }) => ({
  name,
  ratio: spread(costs.map((cost, round) => cost / bareOf(mix)[round])),
  ns: spread(costs.map((cost) => (cost * 1_000) / frames)),
}));
console.log(JSON.stringify({ rows }));
sender.kill();
exit();
