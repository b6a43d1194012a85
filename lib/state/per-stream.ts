/** Something that a stream has one of, made when it is first asked for. */
export function perStream<T>(create: () => T): (stream: object) => T {
  const known = new WeakMap<object, T>();
  return (stream) => {
    const value = known.get(stream) ?? create();
    known.set(stream, value);
    return value;
  };
}
