import { readRecording } from 'codex-rx/recording';
import type { TranscriptEntry } from 'codex-rx/testing/transcript';
import { readdirSync, readFileSync } from 'node:fs';

/** The recordings of one server. */
type Source = 'app-server' | 'codex-manager';

const folder = (source: Source) => new URL(`../../recordings/${source}/`, import.meta.url);

/** The entries of a recording. */
export const entriesOf = (source: Source, file: string): readonly TranscriptEntry[] =>
  readRecording(readFileSync(new URL(file, folder(source)), 'utf8')).entries;

/** The sockets of a recording that had frames. */
export const socksOf = (entries: readonly TranscriptEntry[]): readonly (string | undefined)[] => [
  ...new Set(entries.filter(({ dir }) => dir === 'in' || dir === 'out').map(({ sock }) => sock)),
];

/** Each recording of a server, with each of its sockets. */
export const recordedSocks = (source: Source): readonly (readonly [string, string | undefined])[] =>
  readdirSync(folder(source))
    .sort()
    .flatMap((file) => socksOf(entriesOf(source, file)).map((sock) => [file, sock] as const));
