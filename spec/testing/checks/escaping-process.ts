import { sourceChecks, type SourceStage } from 'codex-rx/testing';
import { broken } from './broken-sources.js';
import { managerStage } from './source-stages.js';

// A program: what the check says of a stream that is sound, and of one that lets a promise escape.
const check = sourceChecks.find(({ title }) => title.startsWith('lets nothing escape'))!;

async function told(stage: SourceStage): Promise<string> {
  const message = await check.run(stage).then(
    () => 'null',
    (error: unknown) => (error as Error).message,
  );
  await stage.stream.close();
  await stage.close();
  return message;
}

console.log(await told(await managerStage()));
console.log(await told(broken('a promise that nobody catches', await managerStage())));
