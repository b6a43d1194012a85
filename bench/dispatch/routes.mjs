// Registering routes of one type, and removing them: CPU time in ns for each route, of 5,000 and of 40,000.

import { createRouter, ofType } from 'codex-rx';
import { cpuUsage } from 'node:process';

const sizes = { few: 5_000, many: 40_000 };

const cpu = (count, work) => {
  const before = cpuUsage();
  work();
  const { user, system } = cpuUsage(before);
  return ((user + system) * 1_000) / count;
};

function measure(count) {
  const router = createRouter();
  const routes = [];
  return {
    registering: cpu(count, () => {
      for (let i = 0; i < count; i++) routes.push(router.on(ofType('a'), () => undefined));
    }),
    removing: cpu(count, () => {
      for (const route of routes) route.unsubscribe();
    }),
  };
}

for (let warm = 0; warm < 4; warm++) measure(sizes.few);
console.log(JSON.stringify({ few: measure(sizes.few), many: measure(sizes.many) }));
