/**
 * What is wrong with a value that should be something: its place, and what it must be; or `null`.
 */
export type Shape = (value: unknown, at: string) => string | null;

export const must =
  (what: string, test: (value: unknown) => boolean): Shape =>
  (value, at) =>
    test(value) ? null : `${at} must be ${what}`;

export const text = must('text', (value) => typeof value === 'string');
export const flag = must('true or false', (value) => typeof value === 'boolean');
export const amount = must('a number', Number.isFinite);
export const anything: Shape = () => null;
const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const nullable =
  (shape: Shape): Shape =>
  (value, at) =>
    value === null ? null : shape(value, at);

export const list =
  (shape: Shape): Shape =>
  (value, at) =>
    Array.isArray(value)
      ? first(value.map((member: unknown, index) => shape(member, `${at}[${index}]`)))
      : `${at} must be an array`;

export const byName =
  (shape: Shape): Shape =>
  (value, at) =>
    isObject(value)
      ? first(Object.entries(value).map(([name, member]) => shape(member, `${at}.${name}`)))
      : `${at} must be an object`;

/** An object of these members and no others; a name that ends in `?` may be left out. */
export const object =
  (members: Readonly<Record<string, Shape>>): Shape =>
  (value, at) => {
    if (!isObject(value)) return `${at} must be an object`;
    const names = Object.keys(members).map((name) => name.replace('?', ''));
    const odd = Object.keys(value).find((name) => !names.includes(name));
    if (odd !== undefined) return `${at} has no member "${odd}": it has ${names.join(', ')}`;
    return first(
      Object.entries(members).map(([name, shape]) => {
        const plain = name.replace('?', '');
        const member: unknown = (value as Record<string, unknown>)[plain];
        return member === undefined && plain !== name ? null : shape(member, `${at}.${plain}`);
      }),
    );
  };

/** One of these words, or an object with one of these members alone. */
export const choice =
  (words: readonly string[], objects: Readonly<Record<string, Shape>> = {}): Shape =>
  (value, at) => {
    if (words.includes(value as string)) return null;
    const [name = ''] = isObject(value) ? Object.keys(value) : [];
    const shape = Object.hasOwn(objects, name) ? objects[name] : undefined;
    if (shape) return object({ [name]: shape })(value, at);
    return `${at} must be one of ${[...words, ...Object.keys(objects)].join(', ')}`;
  };

const first = (problems: readonly (string | null)[]): string | null =>
  problems.find((problem) => problem !== null) ?? null;
