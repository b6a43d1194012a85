import type { NotificationParams } from '../../../protocol/index.js';
import { cwd, threadId } from './ids.js';

const imported = {
  importId: 'import-1',
  itemTypeResults: [{ itemType: 'SKILLS', successes: [{ itemType: 'SKILLS' }], failures: [] }],
} as const;

/** The account, and the machine that Codex runs on. */
export const machine = {
  'account/gatewayOAuth/changed': { providerId: 'gateway', status: 'succeeded' },
  'account/login/completed': { loginId: 'login-1', success: true, error: null },
  'account/rateLimits/updated': {
    rateLimits: {
      limitId: 'codex',
      primary: { usedPercent: 10, windowDurationMins: 300 },
      secondary: null,
      planType: 'plus',
    },
  },
  'account/updated': { authMode: 'chatgpt', planType: 'plus' },
  'app/list/updated': { data: [] },
  'command/exec/outputDelta': {
    processId: '1',
    stream: 'stdout',
    deltaBase64: 'aGVsbG8=',
    capReached: false,
  },
  configWarning: { summary: 'A setting is unknown.', details: null },
  deprecationNotice: { summary: 'A setting is deprecated.', details: null },
  'externalAgentConfig/import/completed': imported,
  'externalAgentConfig/import/progress': imported,
  'fs/changed': { watchId: 'watch-1', changedPaths: [`${cwd}/new.txt`] },
  'fuzzyFileSearch/sessionCompleted': { sessionId: 'search-1' },
  'fuzzyFileSearch/sessionUpdated': { sessionId: 'search-1', query: 'new', files: [] },
  'mcpServer/event/stream/notification': {
    subscriptionId: 'subscription-1',
    notification: { method: 'notifications/message', params: {} },
  },
  'mcpServer/oauthLogin/completed': { name: 'docs', success: true },
  'mcpServer/startupStatus/updated': { threadId, name: 'docs', status: 'ready', error: null },
  'process/exited': {
    processHandle: 'process-1',
    exitCode: 0,
    stdout: 'hello\n',
    stdoutCapReached: false,
    stderr: '',
    stderrCapReached: false,
  },
  'process/outputDelta': {
    processHandle: 'process-1',
    stream: 'stdout',
    deltaBase64: 'aGVsbG8=',
    capReached: false,
  },
  'project/changed': { projectId: 'project-1', changeType: 'updated' },
  'remoteControl/status/changed': {
    status: 'disabled',
    serverName: 'machine',
    installationId: 'installation-1',
    environmentId: null,
  },
  'skills/changed': {},
  'windows/worldWritableWarning': { samplePaths: [], extraCount: 0, failedScan: false },
  'windowsSandbox/setupCompleted': { mode: 'unelevated', success: true, error: null },
} satisfies Partial<NotificationParams>;
