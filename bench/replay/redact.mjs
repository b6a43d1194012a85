import { redact } from 'codex-rx';
import { measureRecord } from './recording.mjs';

await measureRecord({ redact: redact() });
