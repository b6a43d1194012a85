/** The events that bring a piece of text, and the kind of item that it belongs to. */
export const deltas: Readonly<Record<string, string>> = {
  'item.agent_message.delta': 'agentMessage',
  'item.plan.delta': 'plan',
  'item.command_execution.output_delta': 'commandExecution',
  'item.file_change.output_delta': 'fileChange',
  'item.reasoning.summary_text_delta': 'reasoning',
  'item.reasoning.text_delta': 'reasoning',
};

/** What is done at events of `codex app-server`, by the types that they have as envelopes. */
export const byType = <T>(byName: Readonly<Record<string, T>>): ReadonlyMap<string, T> =>
  new Map(Object.entries(byName).map(([name, value]) => [`app_server.${name}`, value]));
