import { cell, code } from './source.mjs';

/** Every exported interface of options, with the members that it declares itself. */
export function optionsPage(source) {
  const { ts, checker, docOf, tagOf } = source;
  const sections = source.entries.flatMap(({ name: entry, symbols }) =>
    symbols
      .filter((symbol) => /Options$/.test(symbol.name) && symbol.flags & ts.SymbolFlags.Interface)
      .map((symbol) => section(symbol, entry)),
  );

  function section(symbol, entry) {
    const declaration = symbol.declarations.find(ts.isInterfaceDeclaration);
    const parents = (declaration.heritageClauses ?? []).flatMap(({ types }) =>
      types.map((type) => type.expression.getText()),
    );
    const members = declaration.members.filter(ts.isPropertySignature);
    const rows = members.map((member) => {
      const property = checker.getSymbolAtLocation(member.name);
      const fallback = tagOf(property, 'default') ?? (member.questionToken ? '' : 'required');
      const type = member.type.getText().replace(/\s+/g, ' ');
      return `| ${code(property.name)} | ${cell(code(type))} | ${cell(fallback)} | ${cell(docOf(property))} |`;
    });
    return [
      `## ${symbol.name}`,
      `Of \`${entry}\`. ${docOf(symbol)}`.trim(),
      ...parents.map((parent) => `Has the options of ${code(parent)} too.`),
      ...(rows.length === 0
        ? []
        : [
            ['| option | type | default | meaning |', '| --- | --- | --- | --- |', ...rows].join(
              '\n',
            ),
          ]),
    ].join('\n\n');
  }

  return [
    '# Options',
    'This page is generated from the code. Times are in milliseconds and sizes in bytes unless an option says otherwise. ' +
      'An option of a wrong type, and one that does not exist, is a `TypeError` at the call.',
    ...sections,
  ].join('\n\n');
}
