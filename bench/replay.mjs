// Recordings: 100,000 recorded frames, as fast as can be, each row in a process of its own.
//
// frames/s   frames / seconds from the start to the last event (wall clock), reading the file included
// x parse    that, divided by what it takes to read the file and to parse each line with JSON.parse, in
//            the same round; the median of the rounds
//
// record     the same events through record(), to a sink that only counts; with redact(), the lines are
//            searched for secrets

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median, rounds, spread } from './figures.mjs';
import { program } from './process.mjs';
import { recordedEvents } from './recorded.mjs';

const frames = 100_000;

const rows = [
  { name: 'read + JSON.parse', file: 'parse.mjs' },
  { name: 'replay, a file', file: 'file.mjs' },
  { name: 'replay, its text', file: 'text.mjs' },
  { name: 'record', file: 'record.mjs' },
  { name: 'record, redact', file: 'redact.mjs' },
];

export async function replay({ rounds: count, only }) {
  const chosen = rows.filter(({ name }) => name.includes(only));
  if (chosen.length === 0) return [];
  return withRecording(async (path) => {
    const results = await rounds(chosen, count, ({ file }) =>
      program(`replay/${file}`, path, frames),
    );
    const rates = results.map((runs) => runs.map(({ seconds }) => frames / seconds));
    const parse = chosen.findIndex(({ file }) => file === 'parse.mjs');
    return chosen.map(({ name }, i) => ({
      name,
      frames,
      perSecond: spread(rates[i]),
      ratio:
        parse < 0 ? undefined : median(rates[i].map((rate, round) => rate / rates[parse][round])),
    }));
  });
}

/** The CPU time of each frame, as rows for against.mjs. */
export const replayCosts = (path) =>
  rows
    .filter(({ file }) => file !== 'parse.mjs')
    .map(({ name, file }) => ({
      name,
      unit: 'ns/frame',
      measure: async (run) => ((await run(`replay/${file}`, path, frames)).cpu / frames) * 1e9,
    }));

export async function withRecording(use) {
  const folder = await mkdtemp(join(tmpdir(), 'codex-rx-bench-'));
  try {
    const path = join(folder, 'recording.jsonl');
    await writeFile(path, recording());
    return await use(path);
  } finally {
    await rm(folder, { recursive: true });
  }
}

function recording() {
  const protocol = 'codex-manager';
  const header = {
    recording: 'codex-rx',
    version: 1,
    protocol,
    startedAt: new Date(0).toISOString(),
  };
  const events = recordedEvents();
  const entries = Array.from({ length: frames }, (_, t) => {
    return { t, sock: '1', dir: 'in', frame: events[t % events.length] };
  });
  return [header, ...entries].map((line) => `${JSON.stringify(line)}\n`).join('');
}
