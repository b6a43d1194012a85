// (b) this library: one route for each event type.

import { connectManager, ofType } from 'codex-rx';
import { measure } from './measure.mjs';

await measure(async ({ url, types, go, end }) => {
  let handled = 0;
  const handler = () => () => {
    handled++;
  };
  const stream = connectManager({ url });
  for (const type of types) stream.on(ofType(type), handler());
  stream.on(ofType('bench.end'), () => end(handled));
  await stream.connect();
  go();
});
