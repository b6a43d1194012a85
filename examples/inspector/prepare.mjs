// Builds the page of the inspector with the packages of examples/angular.

import { lstat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { buildIn, prepare as prepareAngular } from '../angular/prepare.mjs';

const home = import.meta.dirname;

export async function prepare() {
  await prepareAngular();
  const modules = join(home, 'node_modules');
  const isLinked = await lstat(modules).catch(() => null);
  if (!isLinked) await symlink('../angular/node_modules', modules, 'junction');
}

/** Builds the page into examples/inspector/dist. */
export const build = () => buildIn(home, 'inspector');
