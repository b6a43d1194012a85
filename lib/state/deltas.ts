/** The events that bring a piece of text, and the kind of item that it belongs to. */
export const deltas: Readonly<Record<string, string>> = {
  'item.agent_message.delta': 'agentMessage',
  'item.plan.delta': 'plan',
  'item.command_execution.output_delta': 'commandExecution',
  'item.file_change.output_delta': 'fileChange',
  'item.reasoning.summary_text_delta': 'reasoning',
  'item.reasoning.text_delta': 'reasoning',
};

/** The type that an event of `codex app-server` has as an envelope. */
export const fullType = (name: string): string => `app_server.${name}`;
