// Which definition is the result of which client method. The schema does not tie the two; only their
// names do.

import { responseTo } from './schema.mjs';

/**
 * Methods whose result is called neither after their params nor, without params, after the method.
 * spec/codex/results.codex-spec.ts compares them with what the real server answers.
 */
export const irregular = {
  // One result for everything that writes the configuration:
  'config/batchWrite': 'v2/ConfigWriteResponse',
  'config/value/write': 'v2/ConfigWriteResponse',
  'modelProvider/default/set': 'v2/ConfigWriteResponse',
  // Params of another name:
  'accountSession/list': 'v2/AccountSessionsResponse', // AccountSessionsListParams
  // No params, and another name than the method:
  'account/gatewayOAuth/cancel': 'v2/GatewayOAuthCancelResponse',
  'account/logout': 'v2/LogoutAccountResponse',
  'account/securitySetup/read': 'v2/GetAccountSecuritySetupResponse',
  'account/workspaceMessages/read': 'v2/GetWorkspaceMessagesResponse',
  'config/mcpServer/reload': 'v2/McpServerRefreshResponse',
  'externalAgentConfig/import/readHistories': 'v2/ExternalAgentConfigImportHistoriesReadResponse',
};

/** The one response that belongs to no method. */
const envelope = 'JSONRPCResponse';

/**
 * Client methods, each with the path of its `result`. A method without one is an error, and so is a
 * response which then belongs to none: it is the sign of a method that got the wrong one.
 */
export function withResults(schemas, methods, answers) {
  const all = methods.map((one) => ({ ...one, result: resultOf(schemas, one) }));
  const taken = new Set([envelope, ...answers, ...all.map(({ result }) => result)]);
  fail('No method known for', [...schemas.keys()].filter(isResponse).filter(isNotIn(taken)));
  const known = new Set(methods.map(({ method }) => method));
  fail('No longer a method:', Object.keys(irregular).filter(isNotIn(known)));
  return all;
}

/** The path of the result of a client method. */
export function resultOf(schemas, { method, params }) {
  const regular = params ? responseTo(schemas, params) : `v2/${pascal(method)}Response`;
  const result = irregular[method] ?? regular;
  if (!schemas.has(result)) fail('No result known for', [method]);
  return result;
}

const pascal = (method) => method.replaceAll(/(?:^|\/)(\w)/g, (_, first) => first.toUpperCase());
const isResponse = (path) => path.endsWith('Response');
const isNotIn = (set) => (one) => !set.has(one);

function fail(problem, names) {
  if (names.length > 0) {
    throw new Error(`${problem} ${names.join(', ')} (see .ci/protocol/results.mjs).`);
  }
}
