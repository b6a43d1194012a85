// history.json: since when methods are there, and what older versions have that the current one lacks.

import { readFileSync } from 'node:fs';
import { mapNested, methodLists, modelOf } from './model.mjs';
import { retiredFrom, withRetired } from './retired.mjs';

export const historyFile = new URL('./history.json', import.meta.url);

const kinds = ['experimental', 'stable'];

/** The history as it is kept: `{ since: { list: { method: version } }, retired: { kind: model } }`. */
export function readHistory() {
  const { since, retired } = JSON.parse(readFileSync(historyFile, 'utf8'));
  return {
    since,
    retired: Object.fromEntries(
      kinds.map((kind) => [
        kind,
        { ...retired[kind], shapes: new Map(Object.entries(retired[kind].shapes)) },
      ]),
    ),
  };
}

/** As text for the file: a line for each list and each shape. */
export function historyText({ since, retired }) {
  const lines = (object) =>
    Object.entries(object).map(([name, value]) => `"${name}": ${JSON.stringify(value)}`);
  const block = (members) => `{\n${members.join(',\n')}\n}`;
  const models = kinds.map((kind) => {
    const { shapes, ...lists } = retired[kind];
    const bare = Object.fromEntries([...shapes].map(([name, shape]) => [name, untitled(shape)]));
    return `"${kind}": ${block([...lines(lists), `"shapes": ${block(lines(bare))}`])}`;
  });
  return `${block([`"since": ${block(lines(since))}`, `"retired": ${block(models)}`])}\n`;
}

/** A shape without its title, which only helps to name it. */
function untitled(shape) {
  const bare = mapNested(shape, untitled);
  delete bare.title;
  return bare;
}

/** The models of schemas, by kind. */
export const modelsOf = (schemas) =>
  Object.fromEntries(kinds.map((kind) => [kind, modelOf(schemas[kind])]));

/** The models with what is retired, and with the versions that brought the methods. */
export function withHistory(models, { since, retired }) {
  return Object.fromEntries(
    kinds.map((kind) => {
      const whole = withRetired(models[kind], retired[kind]);
      for (const list of Object.keys(methodLists)) {
        whole[list] = whole[list].map((one) => ({ ...one, since: since[list][one.method] }));
      }
      return [kind, whole];
    }),
  );
}

/** The history of the first version: none. */
export const noHistory = (models) => ({
  since: mapLists(() => ({})),
  retired: Object.fromEntries(
    kinds.map((kind) => [kind, retiredFrom(models[kind], models[kind], '')]),
  ),
});

/** The history after a step from one version to the next. */
export function nextHistory(history, [olderVersion, older], [newerVersion, newer]) {
  const whole = withHistory(older, history);
  return {
    since: mapLists((list) => {
      const known = new Set(whole.experimental[list].map(({ method }) => method));
      const begun = newer.experimental[list].filter(({ method }) => !known.has(method));
      const versions = begun.map(({ method }) => [method, minor(newerVersion)]);
      return { ...history.since[list], ...Object.fromEntries(versions) };
    }),
    retired: Object.fromEntries(
      kinds.map((kind) => [kind, retiredFrom(whole[kind], newer[kind], minor(olderVersion))]),
    ),
  };
}

const mapLists = (make) =>
  Object.fromEntries(Object.keys(methodLists).map((list) => [list, make(list)]));

/** `0.155` of `0.155.1`. */
const minor = (version) => version.split('.', 2).join('.');
