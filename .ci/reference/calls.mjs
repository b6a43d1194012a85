import { cell, code } from './source.mjs';

/** Every method that a client can call, with what it takes and gives, and the versions that have it. */
export function callsPage({ checker, typeOf, docOf }) {
  const path = 'lib/protocol/client.ts';
  const membersOf = (name) => checker.getPropertiesOfType(typeOf(path, name));
  const typesIn = (name) =>
    new Map(
      membersOf(name).map((symbol) => {
        const text = checker.typeToString(checker.getTypeOfSymbol(symbol));
        return [
          symbol.name,
          text
            .split(/ \| undefined$/)[0]
            .split('.')
            .at(-1),
        ];
      }),
    );
  const results = typesIn('ExperimentalClientRequestResults');
  const params = typesIn('ExperimentalClientRequestParams');
  const stable = typesIn('ClientRequestParams');
  const row = (symbol) => {
    const { name } = symbol;
    const given = params.get(name) === 'undefined' ? '' : code(params.get(name));
    return `| ${code(name)} | ${given} | ${code(results.get(name))} | ${cell(docOf(symbol))} |`;
  };
  const table = (symbols) =>
    ['| method | params | result | |', '| --- | --- | --- | --- |', ...symbols.map(row)].join('\n');
  const all = membersOf('ExperimentalClientRequestParams');
  return [
    '# Calls',
    'This page is generated from the types, and those from the schema of codex. `stream.call(method, params)` takes the ' +
      'methods of a `codex app-server`. Where no version is named, every [supported version](versions.md) has it.',
    '## Stable',
    table(all.filter(({ name }) => stable.has(name))),
    '## Experimental',
    'For a stream that was made with `experimental: true`, which adds fields to the params of some stable methods too.',
    table(all.filter(({ name }) => !stable.has(name))),
  ].join('\n\n');
}
