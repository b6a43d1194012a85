#!/usr/bin/env node
import { watchOutputs } from './outputs.js';
import { run } from './run.js';

const interrupted = new AbortController();
const stop = () => {
  interrupted.abort();
};
process.once('SIGINT', stop);
process.once('SIGTERM', stop);

let failed = false;
watchOutputs(process, {
  stop,
  fail() {
    failed = true;
    // An output may fail after the command has ended.
    process.exitCode = 1;
  },
});

const code = await run(process.argv.slice(2), {
  out: (text) => {
    process.stdout.write(text);
  },
  waiting: () => process.stdout.writableLength,
  err: (text) => {
    process.stderr.write(text);
  },
  coloured: process.stdout.isTTY && process.stdout.hasColors(),
  columns: process.stdout.isTTY ? process.stdout.columns : Infinity,
  interrupted: interrupted.signal,
});
// `failed` is set by a callback, which the compiler does not follow.
process.exitCode = (failed as boolean) ? 1 : code;
