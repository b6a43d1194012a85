// What servers of older versions say and the current schema no longer has: they still have clients.

/** Definitions, each with what is missing from the current one of its path. */
const definitions = {
  CurrentTimeReadParams: {
    type: 'object',
    properties: { threadId: { type: 'string' } },
    required: ['threadId'],
  },
  CurrentTimeReadResponse: {
    type: 'object',
    properties: { currentTimeAt: { type: 'integer' } },
    required: ['currentTimeAt'],
  },
  'v2/Project': { properties: { position: { type: 'integer', until: '0.169' } } },
};

/** Members of unions of methods. */
const unions = {
  ServerRequest: [
    {
      properties: {
        method: { enum: ['currentTime/read'] },
        params: { $ref: '#/definitions/CurrentTimeReadParams' },
      },
      required: ['params'],
      until: '0.169',
    },
  ],
};

/** The definitions with all that is retired. What has come back is an error. */
export function withRetired(schemas) {
  const whole = new Map(schemas);
  for (const [path, old] of Object.entries(definitions)) {
    const { properties, ...rest } = schemas.get(path) ?? { ...old, properties: {} };
    rejectKnown(path, Object.keys(old.properties), Object.keys(properties));
    whole.set(path, { ...rest, properties: { ...properties, ...old.properties } });
  }
  for (const [path, old] of Object.entries(unions)) {
    const { oneOf, ...rest } = schemas.get(path);
    rejectKnown(path, old.map(methodOf), oneOf.map(methodOf));
    whole.set(path, { ...rest, oneOf: [...oneOf, ...old] });
  }
  return whole;
}

const methodOf = ({ properties }) => properties.method.enum[0];

function rejectKnown(path, retired, current) {
  const known = retired.filter((name) => current.includes(name));
  if (known.length > 0) throw new Error(`${path}: ${known.join(', ')} is not retired.`);
}
