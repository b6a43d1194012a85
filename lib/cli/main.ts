#!/usr/bin/env node
import { run } from './run.js';

const interrupted = new AbortController();
process.once('SIGINT', () => {
  interrupted.abort();
});
process.once('SIGTERM', () => {
  interrupted.abort();
});
// Whoever reads our output may leave, as `head` does; this is an end, and no failure.
process.stdout.on('error', () => {
  interrupted.abort();
});

process.exitCode = await run(process.argv.slice(2), {
  out: (text) => {
    process.stdout.write(text);
  },
  waiting: () => process.stdout.writableLength,
  err: (text) => {
    process.stderr.write(text);
  },
  coloured: process.stdout.isTTY && process.stdout.hasColors(),
  interrupted: interrupted.signal,
});
