// Imports one entry: CPU time in ms, and what the heap has grown by, in bytes.
//
//   node import.mjs <entry>

import { argv, cpuUsage, exit } from 'node:process';
import { heapInUse } from './collected.mjs';

const before = heapInUse();
const start = cpuUsage();
const entry = await import(argv[2]);
const { user, system } = cpuUsage(start);
const heap = heapInUse() - before;
const isEmpty = Object.keys(entry).length === 0;
console.log(
  JSON.stringify({ ms: (user + system) / 1_000, heap, handled: isEmpty ? 0 : 1, expected: 1 }),
);
exit();
