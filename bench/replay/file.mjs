// A file, replayed piece by piece.

import { readRecordingFile } from 'codex-rx/node';
import { replay } from 'codex-rx/recording';
import { count, lastValueFrom } from 'rxjs';
import { measure, path } from './measure.mjs';

await measure(() =>
  lastValueFrom(replay(readRecordingFile(path), { speed: Infinity }).pipe(count())),
);
