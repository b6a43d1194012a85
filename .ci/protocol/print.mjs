// Shapes as TypeScript, readonly all through. The layout is left to prettier.

/** Exported declarations of named shapes. */
export function declarations(shapes) {
  return [...shapes].map(([name, shape]) => declaration(name, shape)).join('\n\n');
}

export function declaration(name, shape) {
  if (shape.kind !== 'object') return `${ages(shape)}export type ${name} = ${typeOf(shape)};`;
  const heritage = shape.base ? ` extends ${shape.base}` : '';
  return `${ages(shape)}export interface ${name}${heritage} ${typeOf(shape)}`;
}

function typeOf(shape) {
  switch (shape.kind) {
    case 'type':
      return shape.text;
    case 'ref':
      return shape.name;
    case 'literals':
      return alternatives(
        shape.values.map((value) => [ages({ until: shape.untilOf?.[value] }), literal(value)]),
      );
    case 'list':
      return `readonly ${grouped(shape.of)}[]`;
    case 'map':
      return `{ readonly [key: string]: ${typeOf(shape.of)} }`;
    case 'union':
      return alternatives(
        [...new Map(shape.members.map((one) => [typeOf(one), ages(one)]))].map(([type, age]) => [
          age,
          type,
        ]),
      );
    case 'object':
      return `{\n${[...shape.properties.map(property), ...rest(shape)].join('\n')}\n}`;
  }
}

/** A union of types, each below a comment if it has one. */
function alternatives(members) {
  return members
    .map(([comment, type], i) => `${comment && `\n${comment}`}${i > 0 ? '| ' : ''}${type}`)
    .join(' ');
}

function grouped(shape) {
  return shape.kind === 'union' || shape.kind === 'literals' ? `(${typeOf(shape)})` : typeOf(shape);
}

function property(one) {
  const { name, shape, required } = one;
  return `${ages(one)}readonly ${keyOf(name)}${required ? '' : '?'}: ${typeOf(shape)};`;
}

/** Which versions have a part, as a comment before it; nothing if all have it. */
function ages({ since, until }) {
  const words = [...(since ? [`since codex ${since}`] : []), ...(until ? [`until ${until}`] : [])];
  if (words.length === 0) return '';
  const text = since ? words.join(', ') : `until codex ${until}`;
  return `/** ${text[0].toUpperCase()}${text.slice(1)}. */\n`;
}

function rest({ rest }) {
  return rest ? [`readonly [key: string]: ${typeOf(rest)};`] : [];
}

const keyOf = (name) => (/^[\w$]+$/.test(name) ? name : quoted(name));
const literal = (value) => (typeof value === 'number' ? String(value) : quoted(value));
const quoted = (text) => `'${text}'`;
