import { redact } from 'codex-rx/recording';
import { measureRecord } from './recording.mjs';

await measureRecord({ redact: redact() });
