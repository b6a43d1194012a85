import { readdirSync, readFileSync } from 'node:fs';
import { readRecording } from 'codex-rx/recording';

/** One frame that a server sent. */
export interface Recorded {
  readonly file: string;
  readonly sock: string;
  readonly frame: Readonly<Record<string, unknown>>;
}

function received(folder: string): readonly Recorded[] {
  const at = new URL(`./${folder}/`, import.meta.url);
  return readdirSync(at)
    .sort()
    .flatMap((file) =>
      readRecording(readFileSync(new URL(file, at), 'utf8'))
        .entries.filter(({ dir }) => dir === 'in')
        .map(({ sock = '', frame }) => ({ file, sock, frame: frame as Recorded['frame'] })),
    );
}

const control = new Set<unknown>(['ready', 'pong', 'error']);

/** Every event that codex-manager sent in the recordings, control frames aside. */
export const managerFrames = received('codex-manager').filter(
  ({ frame }) => !control.has(frame['type']),
);

/** Every notification and server request that `codex app-server` sent in the recordings. */
export const appServerFrames = received('app-server').filter(({ frame }) => 'method' in frame);
