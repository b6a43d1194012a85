import { Controller } from '@nestjs/common';
import { allow, approvals, deny, policy, type ServerRequest } from 'codex-rx';
import { CodexContext, OnRequest } from 'codex-rx/nest';

/** What the agent may do without asking a human. */
@Controller()
export class Rules {
  private readonly decide = policy([deny({ command: /^rm\b/ }), allow({ command: 'npm test' })]);

  @OnRequest(approvals)
  onApproval(request: ServerRequest<(typeof approvals)[number]>, context: CodexContext) {
    return this.decide(request, context);
  }
}
