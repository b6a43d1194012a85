/** The exports that an editor shows without a word: each overload of a function needs its own docstring. */
export function undocumented({ ts, documented }) {
  const isGenerated = (node) => /\/lib\/protocol\//.test(node.getSourceFile().fileName);
  const isShown = (node, all) => !node.body || all.filter(ts.isFunctionDeclaration).length === 1;
  const statementOf = (node) => (ts.isVariableDeclaration(node) ? node.parent.parent : node);
  return documented.flatMap(({ name: entry, symbols }) =>
    symbols.flatMap(({ name, declarations = [] }) =>
      declarations
        .filter((node) => !isGenerated(node))
        .filter((node) => !ts.isFunctionDeclaration(node) || isShown(node, declarations))
        .filter((node) => ts.getJSDocCommentsAndTags(statementOf(node)).length === 0)
        .map((node) => {
          const file = node.getSourceFile();
          const { line } = file.getLineAndCharacterOfPosition(node.getStart());
          return `${file.fileName}:${line + 1}: ${name} of ${entry} has no docstring`;
        }),
    ),
  );
}
