import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** axe-core, as a script for a page. */
export const axeSource = readFileSync(
  join(import.meta.dirname, '../../examples/angular/node_modules/axe-core/axe.min.js'),
  'utf8',
);
