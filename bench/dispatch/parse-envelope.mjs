// The recorded events from text, as envelopes: checked, and with their ids.

import { parseEnvelope } from 'codex-rx';
import { recordedEvents } from '../recorded.mjs';
import { handler, measure } from './measure.mjs';

const texts = recordedEvents().map((event) => JSON.stringify(event));
const handle = handler();
measure(texts, (text) => handle(parseEnvelope(text)));
