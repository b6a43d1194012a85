// The events of the recording go through record().

import { parseEnvelope } from 'codex-rx';
import { record } from 'codex-rx/recording';
import { readFileSync } from 'node:fs';
import { count, from, lastValueFrom } from 'rxjs';
import { measure, path } from './measure.mjs';

export async function measureRecord(options) {
  const lines = readFileSync(path, 'utf8').trim().split('\n').slice(1);
  const events = lines.map((line) => parseEnvelope(JSON.parse(line).frame));
  let written = 0;
  const sink = { write: () => written++ };
  await measure(() => lastValueFrom(from(events).pipe(record(sink, options), count())));
}
