export { provideCodexTesting, type CodexTestingOptions } from './provide-codex-testing.js';
