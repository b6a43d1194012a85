// Shapes as TypeScript, readonly all through. The layout is left to prettier.

/** Exported declarations of named shapes. */
export function declarations(shapes) {
  return [...shapes].map(([name, shape]) => declaration(name, shape)).join('\n\n');
}

export function declaration(name, shape) {
  if (shape.kind !== 'object') return `export type ${name} = ${typeOf(shape)};`;
  const heritage = shape.base ? ` extends ${shape.base}` : '';
  return `export interface ${name}${heritage} ${typeOf(shape)}`;
}

function typeOf(shape) {
  switch (shape.kind) {
    case 'type':
      return shape.text;
    case 'ref':
      return shape.name;
    case 'literals':
      return shape.values.map(literal).join(' | ');
    case 'list':
      return `readonly ${grouped(shape.of)}[]`;
    case 'map':
      return `{ readonly [key: string]: ${typeOf(shape.of)} }`;
    case 'union':
      return [...new Set(shape.members.map(typeOf))].join(' | ');
    case 'object':
      return `{\n${[...shape.properties.map(property), ...rest(shape)].join('\n')}\n}`;
  }
}

function grouped(shape) {
  return shape.kind === 'union' || shape.kind === 'literals' ? `(${typeOf(shape)})` : typeOf(shape);
}

function property({ name, shape, required, until }) {
  const comment = until ? `/** Until codex ${until}. */\n` : '';
  return `${comment}readonly ${keyOf(name)}${required ? '' : '?'}: ${typeOf(shape)};`;
}

function rest({ rest }) {
  return rest ? [`readonly [key: string]: ${typeOf(rest)};`] : [];
}

const keyOf = (name) => (/^[\w$]+$/.test(name) ? name : quoted(name));
const literal = (value) => (typeof value === 'number' ? String(value) : quoted(value));
const quoted = (text) => `'${text}'`;
