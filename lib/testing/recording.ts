export { readRecording, type RecordedEntry, type Recording } from '../recording/index.js';
