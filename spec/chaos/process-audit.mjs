// Watches the process: errors that nobody handles, warnings, its heap, its listeners, and what keeps
// it alive.

import { getEventListeners } from 'node:events';
import process from 'node:process';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { sleep, until } from './wait.mjs';

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc');

/** How much the heap may grow, in bytes. */
const growth = 5e6;
const readings = 9;

export function auditProcess(journal) {
  const marks = [];
  const resources = counted(process.getActiveResourcesInfo());
  const report = (kind, message) => journal.violation(kind, message);
  const listeners = {
    unhandledRejection: (error) =>
      report('process', `unhandledRejection: ${error?.stack ?? error}`),
    uncaughtException: (error) => report('process', `uncaughtException: ${error?.stack ?? error}`),
    warning: ({ name, message }) => report('process', `warning: ${name}: ${message}`),
  };
  for (const [event, listener] of Object.entries(listeners)) process.on(event, listener);

  /** What can pile up, besides memory. */
  const listening = (signals) => ({
    'on the process': process
      .eventNames()
      .reduce((sum, event) => sum + process.listenerCount(event), 0),
    'on the signals': signals.reduce(
      (sum, signal) => sum + getEventListeners(signal, 'abort').length,
      0,
    ),
  });

  return {
    marks,
    /** Weighs the heap and counts listeners, and compares both with the first time. */
    async mark(signals) {
      const heaps = [];
      for (let n = 0; n < readings; n++) {
        gc();
        heaps.push(process.memoryUsage().heapUsed);
        await sleep(15);
      }
      const heap = heaps.sort((a, b) => a - b)[readings >> 1];
      marks.push({ heap, rss: process.memoryUsage().rss, listeners: listening(signals) });
      const [first] = marks;
      const grown = heap - first.heap;
      if (grown > growth) report('heap', `it grew by ${(grown / 1e6).toFixed(1)} MB`);
      for (const [where, count] of Object.entries(marks.at(-1).listeners)) {
        const before = first.listeners[where];
        if (count !== before) report('leak', `${count} listeners ${where}, not ${before}`);
      }
    },
    /** Checks that the other side has nothing left of the streams, now that they are closed. */
    async released(list, milliseconds) {
      if (await until(() => list().length === 0, milliseconds)) return;
      report('leak', `left over: ${told(counted(list()))}`);
    },
    /** Checks that nothing is left that keeps the process alive. */
    async end(milliseconds) {
      const more = () => {
        const now = counted(process.getActiveResourcesInfo());
        for (const type of Object.keys(now)) now[type] -= resources[type] ?? 0;
        return Object.fromEntries(Object.entries(now).filter(([, count]) => count > 0));
      };
      const isBack = () => Object.keys(more()).length === 0;
      if (!(await until(isBack, milliseconds))) report('leak', `left over: ${told(more())}`);
      for (const [event, listener] of Object.entries(listeners)) process.off(event, listener);
    },
  };
}

function counted(list) {
  const counts = {};
  for (const item of list) counts[item] = (counts[item] ?? 0) + 1;
  return counts;
}

const told = (counts) =>
  Object.entries(counts)
    .map(([what, count]) => `${count} × ${what}`)
    .join(', ');
