import type { RequestCard } from 'codex-rx/angular';

/** A field of a form that a server asks for. */
export interface Field {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly kind: 'text' | 'number' | 'yes or no' | 'one of' | 'some of';
  /** The type of an `input`. */
  readonly type: string;
  readonly options: readonly { readonly value: string; readonly title: string }[];
  readonly isRequired: boolean;
  readonly initial: unknown;
}

type Loose = Readonly<Record<string, unknown>>;

const loose = (value: unknown): Loose => Object(value) as Loose;
const textOr = (value: unknown, otherwise: string) =>
  typeof value === 'string' ? value : otherwise;

const formats: Readonly<Record<string, string>> = {
  email: 'email',
  uri: 'url',
  date: 'date',
};

/** The fields of a form: a flat schema, as MCP has it. */
export function fieldsOf({ kind, params }: RequestCard): readonly Field[] {
  if (kind !== 'elicitation') return [];
  const { properties, required } = loose(loose(params)['requestedSchema']);
  return Object.entries(loose(properties)).map(([name, given]) => {
    const schema = loose(given);
    const isRequired = Array.isArray(required) && required.includes(name);
    const options = optionsOf(schema['type'] === 'array' ? loose(schema['items']) : schema);
    const kind = kindOf(schema['type'], options.length > 0);
    // A box that nobody touches says no.
    const initial = schema['default'] ?? (kind === 'yes or no' && isRequired ? false : undefined);
    return {
      name,
      title: textOr(schema['title'], name),
      description: textOr(schema['description'], ''),
      kind,
      type: kind === 'number' ? 'number' : (formats[textOr(schema['format'], '')] ?? 'text'),
      options,
      isRequired,
      initial: initial ?? undefined,
    };
  });
}

function kindOf(type: unknown, hasOptions: boolean): Field['kind'] {
  if (type === 'array') return 'some of';
  if (hasOptions) return 'one of';
  if (type === 'boolean') return 'yes or no';
  return type === 'number' || type === 'integer' ? 'number' : 'text';
}

function optionsOf(schema: Loose): Field['options'] {
  const { enum: words, enumNames, oneOf, anyOf } = schema;
  const titled = oneOf ?? anyOf;
  if (Array.isArray(titled)) {
    return titled.map((option) => {
      const value = String(loose(option)['const']);
      return { value, title: textOr(loose(option)['title'], value) };
    });
  }
  if (!Array.isArray(words)) return [];
  const names: readonly unknown[] = Array.isArray(enumNames) ? enumNames : [];
  return words.map((word, index) => {
    const value = String(word);
    return { value, title: textOr(names[index], value) };
  });
}
