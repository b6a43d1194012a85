import { createRouter } from 'codex-rx';
import { describeRouter } from 'codex-rx/testing';

describeRouter('createRouter()', () => createRouter());
