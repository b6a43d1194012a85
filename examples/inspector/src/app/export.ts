import { redact, type RecordedEntry, type RecordingHeader } from 'codex-rx/recording';
import type { Logged } from './event-log';

/** The events as a recording, without the secrets that the rules know. */
export function recordingOf(events: readonly Logged[]): Blob {
  const start = events[0]?.at ?? Date.now();
  const header: RecordingHeader = {
    recording: 'codex-rx',
    version: 1,
    protocol: 'codex-manager',
    startedAt: new Date(start).toISOString(),
    redacted: true,
  };
  const lines = redact().begin();
  const written = events.flatMap(({ at, event }) => {
    const { type, threadId, payload } = event;
    const entry: RecordedEntry = {
      t: at - start,
      sock: 'events',
      dir: 'in',
      frame: { type, threadId, payload },
    };
    return lines.push(JSON.stringify(entry));
  });
  const all = [JSON.stringify(header), ...written, ...lines.flush()];
  return new Blob([all.map((line) => `${line.replace(/\n$/, '')}\n`).join('')], {
    type: 'application/jsonl',
  });
}
