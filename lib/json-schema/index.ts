export { jsonSchema } from './json-schema.js';
export type { InputSchema, JsonSchema } from '../skills/index.js';
