export { isHeard, unheard } from './is-heard.js';
export { writeLog, type StreamLog } from './log.js';
export { messageOf } from './message-of.js';
export { visibleJson, visibleLine, visibleText } from './visible.js';
