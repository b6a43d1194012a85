import { code } from './source.mjs';

/** Every exported class of errors: what it means, its kinds, its members. */
export function errorsPage(source) {
  const { ts, checker, docOf } = source;
  const isOfLibrary = (declarations = []) =>
    declarations.some((one) => !one.getSourceFile().fileName.includes('node_modules'));
  const isAliasOfWords = (type) =>
    type.aliasSymbol !== undefined &&
    type.isUnion() &&
    type.types.every((one) => one.isStringLiteral());

  const sections = [...source.entries, ...source.kit].flatMap(({ name: entry, symbols }) =>
    symbols
      .filter((symbol) => symbol.flags & ts.SymbolFlags.Class && symbol.name.endsWith('Error'))
      .map((symbol) => section(symbol, entry)),
  );

  function section(symbol, entry) {
    const type = checker.getDeclaredTypeOfSymbol(symbol);
    const own = checker
      .getPropertiesOfType(type)
      .filter(({ name, declarations }) => name !== 'name' && isOfLibrary(declarations));
    const faults = own.map((property) => checker.getTypeOfSymbol(property)).filter(isAliasOfWords);
    return [
      `## ${symbol.name}`,
      `Of \`${entry}\`. ${docOf(symbol)}`,
      own.map((property) => line(property)).join('\n'),
      ...faults.map((fault) => meanings(fault)),
    ].join('\n\n');
  }

  function line(property) {
    const type = checker.typeToString(checker.getTypeOfSymbol(property));
    const doc = docOf(property);
    return `- ${code(property.name)}: ${code(type)}${doc && `. ${doc.replace(/\s*\n\s*/g, ' ')}`}`;
  }

  /** The docstring of a union of words lists what each means; without it, the words alone. */
  function meanings(type) {
    const doc = docOf(type.aliasSymbol);
    const words = type.types.map(({ value }) => code(value)).join(', ');
    return doc.includes('\n- ') ? doc : `${code(type.aliasSymbol.name)} is ${words}. ${doc}`;
  }

  return [
    '# Errors',
    'This page is generated from the code. Each error names what failed and says what to do; `cause` holds the error ' +
      'behind it, where there is one. A wrong argument or option is a `TypeError`.',
    ...sections,
  ].join('\n\n');
}
