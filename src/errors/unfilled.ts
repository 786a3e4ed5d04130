import type { z } from 'zod';

/** Shapes of a value that a tool or a person was to replace; the whole value, so that a secret may hold any of them. */
const PLACEHOLDERS = [
  /^\$[A-Z_][A-Z0-9_]*$/,
  /^\$\{[^{}]+\}$/,
  /^\$\([^()]+\)$/,
  /^\{\{[^{}]+\}\}$/,
  /^\{[A-Za-z_][\w -]*\}$/,
  /^%[A-Za-z_]\w*%$/,
  /^<[^<>]+>$/,
  /^your([-_ ][a-z0-9]+)*[-_ ](key|token|secret|password|passphrase|sid|id|value)([-_ ]here)?$/i,
  /^(change|replace)[-_ ]?(me|this|it)$/i,
  /^(todo|tbd|placeholder|x{3,}|\*{3,}|\.{3,}|…)$/i,
];

/**
 * What shows that a secret was never filled in, or came with more than itself: the sign of a variable that nobody expanded,
 * of an example that nobody replaced, of a file that ends in a line break. Quotes nothing of it.
 */
export function unfilled(secret: string): { reason: string; fix: string } | undefined {
  if (secret.trim() !== secret)
    return {
      reason: 'has a blank or a line break before or after it',
      fix: 'Remove it; { "file": "PATH" } leaves out the line break at the end of a file by itself',
    };
  if (!PLACEHOLDERS.some((placeholder) => placeholder.test(secret))) return undefined;
  return {
    reason: 'is a placeholder, not the value itself: nothing is put in its place',
    fix: 'In a configuration file write { "env": "NAME" } or { "file": "PATH" }, in code process.env.NAME',
  };
}

/** The same for a schema. */
export function demandFilled(given: string, context: z.RefinementCtx, path: PropertyKey[] = []): void {
  const wrong = unfilled(given);
  if (!wrong) return;
  const { reason: message, fix } = wrong;
  // One word about it is enough, so nothing else is checked then.
  context.addIssue({ code: 'custom', path, message, params: { fix }, continue: false });
}
