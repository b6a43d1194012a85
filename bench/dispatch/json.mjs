// The recorded events from text.

import { recordedEvents } from '../recorded.mjs';
import { handler, measure } from './measure.mjs';

const texts = recordedEvents().map((event) => JSON.stringify(event));
const handle = handler();
measure(texts, (text) => handle(JSON.parse(text)));
