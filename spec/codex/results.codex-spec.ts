import { describe, expect, test } from '@jest/globals';
import type { ExperimentalClientRequestParams } from '../../lib/protocol/index.js';
import { codexSpecs } from '../support/codex-stream.js';

const { irregular } = (await import(
  new URL('../../.ci/protocol/results.mjs', import.meta.url).href
)) as { readonly irregular: Readonly<Record<string, string>> };

const { start } = codexSpecs();

/** What is sent to the methods whose result type was found by hand: nothing here does any harm. */
const calls: Partial<ExperimentalClientRequestParams> = {
  'account/gatewayOAuth/cancel': undefined,
  'account/logout': undefined,
  'account/securitySetup/read': undefined,
  'account/workspaceMessages/read': undefined,
  'accountSession/list': {},
  'config/batchWrite': { edits: [] },
  'config/mcpServer/reload': undefined,
  'config/value/write': { keyPath: 'model', mergeStrategy: 'replace', value: 'gpt-5.5' },
  'externalAgentConfig/import/readHistories': undefined,
  'modelProvider/default/set': { providerId: 'openai' },
};

describe('the result of a method whose type was found by hand', () => {
  test('is checked for each of them', () => {
    expect(Object.keys(calls).sort()).toEqual(Object.keys(irregular).sort());
  });

  // The schema is checked after each test, as for all that goes over the wire.
  test.each(Object.entries(calls))('is of that type: %s', async (method, params) => {
    const codex = await start('stdio');
    const stream = codex.stream();
    await stream.connect();
    const result = await stream
      .call(method as never, params as never)
      .catch((error: unknown) => String(error));
    expect(result).toEqual(
      method === 'account/workspaceMessages/read'
        ? expect.stringContaining('account authentication required')
        : expect.any(Object),
    );
  });
});
