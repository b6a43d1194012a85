// The types that occur in the public declarations: each can be imported from an entry, or comes from another package.

import { realpathSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';

/**
 * The names in public signatures that no entry exports, each with a place where it occurs.
 *
 * @param home The unpacked package, with what it imports beside it.
 * @param paths The declarations of its entries, from there.
 */
export function unexportedTypes(home, paths) {
  const folder = realpathSync(home);
  const program = ts.createProgram(
    paths.map((path) => join(folder, path)),
    {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.NodeNext,
      lib: ['lib.es2022.d.ts', 'lib.dom.d.ts', 'lib.esnext.disposable.d.ts'],
      types: ['node'],
      skipLibCheck: true,
      noEmit: true,
    },
  );
  const checker = program.getTypeChecker();
  const declared = (symbol) =>
    symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  const isOurs = (node) => {
    const { fileName } = node.getSourceFile();
    return fileName.startsWith(join(folder, 'dist'));
  };

  const exported = new Set();
  const waiting = [];
  const addAll = (module) => {
    for (const symbol of checker.getExportsOfModule(module).map(declared)) {
      if (exported.has(symbol)) continue;
      exported.add(symbol);
      waiting.push(symbol);
      if (symbol.flags & ts.SymbolFlags.Module) addAll(symbol);
    }
  };
  for (const path of paths) {
    const file = program.getSourceFile(join(folder, path));
    if (!file) throw new Error(`${path} is not there`);
    addAll(checker.getSymbolAtLocation(file));
  }

  const found = new Map();
  const visited = new Set();
  for (let symbol; (symbol = waiting.pop());) {
    if (visited.has(symbol)) continue;
    visited.add(symbol);
    for (const declaration of symbol.declarations ?? []) {
      if (isOurs(declaration) && !ts.isSourceFile(declaration)) visit(declaration, symbol);
    }
  }
  return [...found].map(([, text]) => text).sort();

  function visit(node, from) {
    const name = nameIn(node);
    if (name) refer(name, from);
    ts.forEachChild(node, (child) => visit(child, from));
  }

  function refer(name, from) {
    const at = checker.getSymbolAtLocation(name);
    if (!at) return;
    const symbol = declared(at);
    const isLocal = symbol.flags & ts.SymbolFlags.TypeParameter;
    const declaration = symbol.declarations?.[0];
    if (isLocal || !declaration || !isOurs(declaration) || ts.isSourceFile(declaration)) return;
    if (ts.isVariableDeclaration(declaration) && ts.isTypeQueryNode(name.parent)) return;
    waiting.push(symbol);
    if (exported.has(symbol) || isMember(symbol)) return;
    if (symbol.declarations.every((one) => isExpanded(one, name))) return;
    const place = relative(folder, declaration.getSourceFile().fileName);
    found.set(symbol, `${symbol.name} of ${place}, in ${from.name}`);
  }

  /** A member of what has a name itself. */
  function isMember(symbol) {
    return !(
      symbol.flags &
      (ts.SymbolFlags.Type | ts.SymbolFlags.Variable | ts.SymbolFlags.Function)
    );
  }
}

/**
 * Whether users see what a name stands for in its place: an alias that computes a type of its
 * arguments, and any alias within the body of another one, a constraint or an `extends`.
 */
function isExpanded(declaration, name) {
  if (!ts.isTypeAliasDeclaration(declaration)) return false;
  const { type, typeParameters } = declaration;
  const computed = [ts.isConditionalTypeNode, ts.isMappedTypeNode, ts.isIndexedAccessTypeNode];
  if (typeParameters && computed.some((is) => is(type))) return true;
  let node = name;
  while (!isSignature(node) && !isAbbreviating(node)) node = node.parent;
  return isAbbreviating(node);
}

const isAbbreviating = (node) =>
  ts.isTypeAliasDeclaration(node) ||
  ts.isTypeParameterDeclaration(node) ||
  ts.isHeritageClause(node);

const isSignature = (node) =>
  ts.isParameter(node) ||
  ts.isPropertySignature(node) ||
  ts.isPropertyDeclaration(node) ||
  ts.isVariableDeclaration(node) ||
  ts.isFunctionLike(node);

/** The name by which a node refers to a type. */
function nameIn(node) {
  if (ts.isTypeReferenceNode(node)) return node.typeName;
  if (ts.isTypeQueryNode(node)) return node.exprName;
  if (ts.isImportTypeNode(node)) return node.qualifier ?? node.argument;
  if (ts.isExpressionWithTypeArguments(node)) return node.expression;
  return undefined;
}
