import type { ZodType } from 'zod';

/** A body that was read, or what is wrong with it. */
export type Checked<Body> =
  { readonly ok: true; readonly body: Body } | { readonly ok: false; readonly issues: unknown };

export type ManagerBodies = Awaited<ReturnType<typeof loadBodies>>;

/** Reads bodies as codex-manager does: it checks them with zod, and replies what zod finds. */
export async function loadBodies() {
  // Not at import: zod changes globals when it is loaded.
  const { z } = await import('zod');

  const decision = z.enum(['accept', 'decline', 'cancel']);

  const contentItem = z.discriminatedUnion('type', [
    z.object({ type: z.literal('inputText'), text: z.string() }),
    z.object({ type: z.literal('inputImage'), imageUrl: z.string() }),
  ]);

  const dynamicTool = z.object({
    name: z.string().min(1),
    description: z.string(),
    inputSchema: z.record(z.string(), z.unknown()),
  });

  const settings = {
    model: z.string().optional(),
    approvalPolicy: z.string().optional(),
    networkAccess: z.enum(['restricted', 'enabled']).optional(),
    filesystemSandbox: z.enum(['read-only', 'workspace-write', 'danger-full-access']).optional(),
    dynamicTools: z.array(dynamicTool).max(128).optional(),
  };

  return {
    approval: reads(z.object({ decision, scope: z.enum(['turn', 'session']).optional() })),
    toolCall: reads(
      z.object({
        success: z.boolean().optional(),
        text: z.string().optional(),
        contentItems: z.array(contentItem).optional(),
        response: z.unknown().optional(),
      }),
    ),
    toolInput: reads(
      z.object({
        decision,
        answers: z.record(z.string(), z.object({ answers: z.array(z.string()) })).optional(),
        response: z.unknown().optional(),
      }),
    ),
    session: reads(z.object({ cwd: z.string().optional(), ...settings })),
    message: reads(
      z.object({ text: z.string().min(1), effort: z.string().optional(), ...settings }),
    ),
    interrupt: reads(z.object({ turnId: z.string().optional() }).optional()),
    steer: reads(z.object({ input: z.string().min(1) })),
    rename: reads(z.object({ title: z.string().min(1) })),
  };
}

const reads =
  <Body>(schema: ZodType<Body>) =>
  (body: unknown): Checked<Body> => {
    const { success, data, error } = schema.safeParse(body);
    return success ? { ok: true, body: data } : { ok: false, issues: error.issues };
  };
