// A file that is read as a whole, and replayed.

import { replay } from 'codex-rx/recording';
import { readFileSync } from 'node:fs';
import { count, lastValueFrom } from 'rxjs';
import { measure, path } from './measure.mjs';

await measure(() =>
  lastValueFrom(replay(readFileSync(path, 'utf8'), { speed: Infinity }).pipe(count())),
);
