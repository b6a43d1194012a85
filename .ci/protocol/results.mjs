// Which definition is the result of which client method. The schema does not tie the two; only their
// names do.

import { answerOf, methodsOf, responseTo } from './schema.mjs';

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
 * Client methods, each with the path of its `result`, which is undefined if none is known: `notes` say so.
 * They say too which responses belong to no method then: the sign of a method that got the wrong one.
 */
export function resultsOf(schemas, calls) {
  const methods = calls.map((one) => ({ ...one, result: resultOf(schemas, one) }));
  const answers = methodsOf(schemas, 'ServerRequest').map((one) => answerOf(schemas, one));
  const used = new Set([envelope, ...answers, ...methods.map(({ result }) => result)]);
  const unused = [...schemas.keys()].filter((path) => isResponse(path) && !used.has(path));
  const unknown = methods.filter(({ result }) => result === undefined);
  return { methods, notes: [...unknown.map(noResult), ...unused.map(noMethod)] };
}

/** The path of the result of a client method, or undefined. */
export function resultOf(schemas, { method, params }) {
  const regular = params ? responseTo(schemas, params) : `v2/${pascal(method)}Response`;
  const result = irregular[method] ?? regular;
  return schemas.has(result) ? result : undefined;
}

const pascal = (method) => method.replaceAll(/(?:^|\/)(\w)/g, (_, first) => first.toUpperCase());
const isResponse = (path) => path.endsWith('Response');

const where = 'name it in .ci/protocol/results.mjs';
const noResult = ({ method }) => `No result known for ${method}, so its type is unknown: ${where}.`;
const noMethod = (path) => `No method known for ${path}: ${where}.`;
