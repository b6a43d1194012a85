// Workers with a deliberate mistake: the library as it is built, with a text replaced in some of its files. The scene
// starts them with `--import` of this file, and gives the texts in MISTAKE: [[file, text, other text], …].

import { register } from 'node:module';
import { argv, env } from 'node:process';

if (argv[1].endsWith('worker.mjs')) {
  const hooks = `export async function load(url, context, next) {
    const loaded = await next(url, context);
    let source = String(loaded.source ?? '');
    for (const [file, text, other] of ${env.MISTAKE}) {
      if (!url.endsWith('/dist/esm/nats/' + file)) continue;
      if (!source.includes(text)) throw new Error(file + ' has no "' + text + '"');
      source = source.replace(text, () => other);
      loaded.source = source;
    }
    return loaded;
  }`;
  register(`data:text/javascript,${encodeURIComponent(hooks)}`);
}

/** What processes of a scene get besides the environment, so that its workers make a mistake. */
export const mistake = (...replacements) => ({
  MISTAKE: JSON.stringify(replacements),
  NODE_OPTIONS: `--import ${import.meta.url}`,
});
