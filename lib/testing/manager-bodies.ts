import { z } from 'zod';

/** A body that was read, or what is wrong with it. */
export type Checked<Body> =
  { readonly ok: true; readonly body: Body } | { readonly ok: false; readonly issues: unknown };

/**
 * Reads bodies as codex-manager does, which checks them with zod and replies what zod finds. Schemas
 * are made when they are needed: an import must have no effect, and zod's first schema has one.
 */
function reads<Body>(schemaOf: () => z.ZodType<Body>): (body: unknown) => Checked<Body> {
  let schema: z.ZodType<Body> | undefined;
  return (body) => {
    schema ??= schemaOf();
    const { success, data, error } = schema.safeParse(body);
    return success ? { ok: true, body: data } : { ok: false, issues: error.issues };
  };
}

const decision = () => z.enum(['accept', 'decline', 'cancel']);

export const approvalBody = reads(() =>
  z.object({ decision: decision(), scope: z.enum(['turn', 'session']).optional() }),
);

const contentItem = () =>
  z.discriminatedUnion('type', [
    z.object({ type: z.literal('inputText'), text: z.string() }),
    z.object({ type: z.literal('inputImage'), imageUrl: z.string() }),
  ]);

export const toolCallBody = reads(() =>
  z.object({
    success: z.boolean().optional(),
    text: z.string().optional(),
    contentItems: z.array(contentItem()).optional(),
    response: z.unknown().optional(),
  }),
);

export const toolInputBody = reads(() =>
  z.object({
    decision: decision(),
    answers: z.record(z.string(), z.object({ answers: z.array(z.string()) })).optional(),
    response: z.unknown().optional(),
  }),
);

const controls = () => ({
  model: z.string().optional(),
  approvalPolicy: z.string().optional(),
  networkAccess: z.enum(['restricted', 'enabled']).optional(),
  filesystemSandbox: z.enum(['read-only', 'workspace-write', 'danger-full-access']).optional(),
});

const dynamicTools = () =>
  z
    .array(
      z.object({
        name: z.string().min(1),
        description: z.string(),
        inputSchema: z.record(z.string(), z.unknown()),
      }),
    )
    .max(128)
    .optional();

export const sessionBody = reads(() =>
  z.object({ cwd: z.string().optional(), dynamicTools: dynamicTools(), ...controls() }),
);

export const messageBody = reads(() =>
  z.object({
    text: z.string().min(1),
    effort: z.string().optional(),
    dynamicTools: dynamicTools(),
    ...controls(),
  }),
);

export const interruptBody = reads(() => z.object({ turnId: z.string().optional() }).optional());

export const steerBody = reads(() => z.object({ input: z.string().min(1) }));

export const renameBody = reads(() => z.object({ title: z.string().min(1) }));
