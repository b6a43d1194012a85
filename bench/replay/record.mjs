import { measureRecord } from './recording.mjs';

await measureRecord({});
