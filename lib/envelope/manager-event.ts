import type { ServerRequestParams } from '../protocol/index.js';
import type { Envelope, RequestId } from './envelope.js';
import type {
  ManagerRequestEvent,
  ManagerThreadEvent,
  NotificationCopy,
} from './manager-envelopes.js';

/** What codex-manager says of a request that waits for an answer. */
export interface ManagerPendingRequest<Method extends keyof ServerRequestParams> {
  readonly method: Method;
  readonly threadId: string;
  readonly turnId: string | null;
  readonly itemId: string | null;
  /** One line for people. */
  readonly summary: string;
  /** The params of the request as Codex sent them. */
  readonly details: ServerRequestParams[Method];
  /** An ISO 8601 time. */
  readonly createdAt: string;
  readonly status: 'pending';
}

/** The payload of `approval` for one method. */
export interface ManagerApprovalOf<
  Method extends keyof ServerRequestParams,
> extends ManagerPendingRequest<Method> {
  /** The JSON-RPC id as text. */
  readonly approvalId: string;
}

/** The payload of `approval`; `method` tells its kinds apart. */
export type ManagerApproval =
  | ManagerApprovalOf<'item/commandExecution/requestApproval'>
  | ManagerApprovalOf<'item/fileChange/requestApproval'>
  | ManagerApprovalOf<'execCommandApproval'>
  | ManagerApprovalOf<'applyPatchApproval'>;

/** The payload of `approval_resolved`. */
export type ManagerApprovalResolved =
  | {
      readonly approvalId: string;
      readonly status: 'resolved';
      readonly decision: 'accept' | 'decline' | 'cancel';
      readonly scope: 'turn' | 'session';
    }
  | { readonly approvalId: string; readonly status: 'expired' };

/** The payload of `tool_call_requested`. */
export interface ManagerToolCall extends ManagerPendingRequest<'item/tool/call'> {
  /** The JSON-RPC id as text. */
  readonly requestId: string;
  readonly callId: string;
  readonly tool: string;
  readonly arguments: unknown;
}

/** The payload of `tool_call_resolved`. */
export interface ManagerToolCallResolved {
  readonly requestId: string;
  readonly status: 'resolved' | 'expired';
  readonly success: boolean;
}

/** The payload of `tool_user_input_requested`. */
export interface ManagerUserInput extends ManagerPendingRequest<'item/tool/requestUserInput'> {
  /** The JSON-RPC id as text. */
  readonly requestId: string;
  readonly questions: readonly {
    readonly id: string;
    readonly header: string;
    readonly question: string;
    readonly options: readonly { readonly label: string; readonly description: string }[] | null;
    readonly isOther: boolean;
    readonly isSecret: boolean;
  }[];
}

/** The payload of `tool_user_input_resolved`. */
export type ManagerUserInputResolved =
  | {
      readonly requestId: string;
      readonly status: 'resolved';
      readonly decision: 'accept' | 'decline' | 'cancel';
    }
  | { readonly requestId: string; readonly status: 'expired' };

/** One entry of the transcript of a session. */
export interface ManagerTranscriptEntry {
  readonly messageId: string;
  readonly turnId: string;
  readonly role: string;
  readonly type: string;
  readonly content: string;
  /** JSON text, or plain text. */
  readonly details?: string;
  /** In milliseconds since the epoch. */
  readonly startedAt?: number;
  /** In milliseconds since the epoch. */
  readonly completedAt?: number;
  readonly status: 'streaming' | 'complete' | 'canceled' | 'error';
}

/** The payload of `transcript_updated`: what changed, as far as codex-manager says it. */
export interface ManagerTranscriptUpdate {
  readonly threadId: string;
  readonly turnId?: string;
  readonly messageId?: string;
  readonly type?: string;
  readonly entry?: ManagerTranscriptEntry;
}

/** The payload of `suggested_request_updated`. */
export interface ManagerSuggestion {
  readonly sessionId: string;
  readonly requestKey: string;
  readonly status: string;
  readonly suggestion?: string;
  readonly error?: string;
}

/** The payload of `orchestrator_job_queued` and of the other events of a job. */
export interface ManagerJob {
  readonly jobId: string;
  readonly projectId: string;
  readonly jobType: string;
  readonly state: string;
  readonly sourceSessionId?: string | null;
  readonly result?: unknown;
  readonly error?: unknown;
  readonly progress?: unknown;
}

/** The payload of `project_upserted`. */
export interface ManagerProject {
  readonly project: {
    readonly projectId: string;
    readonly name: string;
    readonly workingDirectory: string | null;
    /** An ISO 8601 time. */
    readonly createdAt: string;
    /** An ISO 8601 time. */
    readonly updatedAt: string;
  };
}

/** The payload of `project_deleted`. */
export interface ManagerProjectDeleted {
  readonly projectId: string;
  readonly sessionIds: readonly string[];
}

/** The payload of `session_project_updated`. */
export interface ManagerSessionProject {
  readonly sessionId: string;
  readonly projectId: string | null;
  readonly previousProjectId?: string | null;
  readonly status?: string;
}

/** The payload of `session_deleted`. */
export interface ManagerSessionDeleted {
  readonly status: 'deleted';
  readonly sessionId: string;
  readonly title?: string | null;
  readonly message: string;
  /** An ISO 8601 time. */
  readonly deletedAt: string;
}

/** The payload of `notification`: the message of Codex as it came. */
export interface ManagerNotification {
  readonly method: string;
  readonly params?: unknown;
}

/** The payload of `server_request`: a request that codex-manager has refused itself. */
export interface ManagerRefusedRequest extends ManagerNotification {
  readonly id: RequestId;
}

/** codex-manager's own events by their type; an app-server sends none of them. */
export interface ManagerEvents {
  readonly approval: ManagerRequestEvent<'approval', ManagerApproval>;
  readonly approval_resolved: ManagerRequestEvent<'approval_resolved', ManagerApprovalResolved>;
  readonly tool_call_requested: ManagerRequestEvent<'tool_call_requested', ManagerToolCall>;
  readonly tool_call_resolved: ManagerRequestEvent<'tool_call_resolved', ManagerToolCallResolved>;
  readonly tool_user_input_requested: ManagerRequestEvent<
    'tool_user_input_requested',
    ManagerUserInput
  >;
  readonly tool_user_input_resolved: ManagerRequestEvent<
    'tool_user_input_resolved',
    ManagerUserInputResolved
  >;
  readonly transcript_updated: ManagerThreadEvent<'transcript_updated', ManagerTranscriptUpdate>;
  readonly turn_plan_updated: NotificationCopy<'turn_plan_updated', 'turn/plan/updated'>;
  readonly turn_diff_updated: NotificationCopy<'turn_diff_updated', 'turn/diff/updated'>;
  readonly thread_token_usage_updated: NotificationCopy<
    'thread_token_usage_updated',
    'thread/tokenUsage/updated'
  >;
  readonly suggested_request_updated: ManagerThreadEvent<
    'suggested_request_updated',
    ManagerSuggestion
  >;
  readonly orchestrator_job_queued: Envelope<'orchestrator_job_queued', ManagerJob>;
  readonly orchestrator_job_started: Envelope<'orchestrator_job_started', ManagerJob>;
  readonly orchestrator_job_progress: Envelope<'orchestrator_job_progress', ManagerJob>;
  readonly orchestrator_job_completed: Envelope<'orchestrator_job_completed', ManagerJob>;
  readonly orchestrator_job_failed: Envelope<'orchestrator_job_failed', ManagerJob>;
  readonly orchestrator_job_canceled: Envelope<'orchestrator_job_canceled', ManagerJob>;
  readonly account_updated: NotificationCopy<'account_updated', 'account/updated'>;
  readonly account_login_completed: NotificationCopy<
    'account_login_completed',
    'account/login/completed'
  >;
  readonly account_rate_limits_updated: NotificationCopy<
    'account_rate_limits_updated',
    'account/rateLimits/updated'
  >;
  readonly app_list_updated: NotificationCopy<'app_list_updated', 'app/list/updated'>;
  readonly mcp_oauth_completed: NotificationCopy<
    'mcp_oauth_completed',
    'mcpServer/oauthLogin/completed'
  >;
  readonly project_upserted: Envelope<'project_upserted', ManagerProject>;
  readonly project_deleted: Envelope<'project_deleted', ManagerProjectDeleted>;
  readonly session_project_updated: ManagerThreadEvent<
    'session_project_updated',
    ManagerSessionProject
  >;
  readonly session_deleted: ManagerThreadEvent<'session_deleted', ManagerSessionDeleted>;
  readonly notification: Envelope<'notification', ManagerNotification>;
  readonly server_request: Envelope<'server_request', ManagerRefusedRequest>;
}
