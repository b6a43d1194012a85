/**
 * The events that bring a piece of text, by the kind of item that it belongs to, and the member that
 * tells the parts of an item apart.
 */
export const deltas: readonly (readonly [type: string, kind: string, index?: string])[] = [
  ['item.agent_message.delta', 'agentMessage'],
  ['item.plan.delta', 'plan'],
  ['item.command_execution.output_delta', 'commandExecution'],
  ['item.file_change.output_delta', 'fileChange'],
  ['item.reasoning.summary_text_delta', 'reasoning', 'summaryIndex'],
  ['item.reasoning.text_delta', 'reasoning', 'contentIndex'],
];

/** The type that an event of `codex app-server` has as an envelope. */
export const fullType = (name: string): string => `app_server.${name}`;
