// How much of the heap is in use, after a full collection.

import { memoryUsage } from 'node:process';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc');

export function heapInUse() {
  gc();
  gc();
  return memoryUsage().heapUsed;
}
