// The events of the recorded sessions, as JSON text: what the benchmarks send and dispatch.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const recordings = join(import.meta.dirname, '../spec/recordings/codex-manager');

/** Every recorded event, in recorded order: frames that came in and have a payload. */
export function recordedEvents() {
  return readdirSync(recordings)
    .filter((file) => file.endsWith('.jsonl'))
    .sort()
    .flatMap((file) => readFileSync(join(recordings, file), 'utf8').trim().split('\n'))
    .map((line) => JSON.parse(line))
    .filter(({ dir, frame }) => dir === 'in' && typeof frame === 'object' && 'payload' in frame)
    .map(({ frame }) => frame);
}

/** `count` distinct event types: the recorded ones, most frequent first, then invented ones. */
export function eventTypes(count) {
  const frequency = new Map();
  for (const { type } of recordedEvents()) frequency.set(type, (frequency.get(type) ?? 0) + 1);
  const types = [...frequency].sort((a, b) => b[1] - a[1]).map(([type]) => type);
  while (types.length < count) types.push(`app_server.item.invented_${types.length}`);
  return types.slice(0, count);
}
