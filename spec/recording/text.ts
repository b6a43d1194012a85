import type { RecordedEntry, RecordedProtocol } from 'codex-rx/recording';

/** The header of a recording, as a line. */
export const header = (protocol: RecordedProtocol = 'codex-manager', more = {}): string =>
  `${JSON.stringify({
    recording: 'codex-rx',
    version: 1,
    protocol,
    startedAt: '2026-11-22T15:00:00.000Z',
    ...more,
  })}\n`;

/** Entries as lines. */
export const lines = (...entries: readonly (RecordedEntry & Record<string, unknown>)[]): string =>
  entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');

/** The entry of a frame that came in. */
export const received = (t: number, frame: unknown, sock = '1') =>
  ({ t, sock, dir: 'in', frame }) as const;
