// Lets Stryker try only a share of the mutants, chosen by their place: SHARE=0.1 tries every tenth, the same each time.

import { createHash } from 'node:crypto';
import { env } from 'node:process';

class Share {
  async init() {}

  async check(mutants) {
    return Object.fromEntries(mutants.map((mutant) => [mutant.id, { status: statusOf(mutant) }]));
  }

  group(mutants) {
    return [mutants.map(({ id }) => id)];
  }
}

function statusOf({ fileName, location, replacement }) {
  const place = JSON.stringify([
    fileName.replace(/^.*?[\\/](lib[\\/])/, '$1'),
    location,
    replacement,
  ]);
  const number = createHash('sha1').update(place).digest().readUInt32BE() / 2 ** 32;
  return number < Number(env.SHARE) ? 'passed' : 'compileError';
}

export const strykerPlugins = [{ kind: 'Checker', name: 'share', injectableClass: Share }];
