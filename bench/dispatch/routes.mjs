// What it costs to register routes of one type, and to remove them: 5,000 and 40,000 of them, in slices that take turns.
import { createRouter, ofType } from 'codex-rx';
import { cpuUsage, stdout } from 'node:process';
import { setFlagsFromString } from 'node:v8';

setFlagsFromString('--expose-gc');
const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];
const cpu = (work) => {
  const before = cpuUsage();
  work();
  const { user, system } = cpuUsage(before);
  return user + system;
};

function measure(count) {
  const router = createRouter();
  const routes = [];
  const add = cpu(() => {
    for (let n = 0; n < count; n++) routes.push(router.on(ofType('a'), () => undefined));
  });
  const remove = cpu(() => {
    for (const route of routes) route.unsubscribe();
  });
  return { add, remove };
}

const rounds = 9;
const few = [];
const many = [];
measure(5_000);
for (let round = 0; round < rounds; round++) {
  few.push(measure(5_000));
  many.push(measure(40_000));
}
const ratio = (name) => median(many.map((one) => one[name])) / median(few.map((one) => one[name]));
stdout.write(`${JSON.stringify({ add: ratio('add'), remove: ratio('remove') })}\n`);
