import { z } from 'zod';
import { asText, pathSchema, readPath } from './path.ts';

/**
 * A question about an answer or about what a webhook holds. There are no regular expressions, so nothing a vendor sends
 * takes long to compare. Values are compared as text: `100` and `"100"` are the same.
 */
export interface Predicate {
  all?: Predicate[];
  any?: Predicate[];
  not?: Predicate;
  /** HTTP status: `202`, `"2xx"`, or several. */
  status?: StatusTest | StatusTest[];
  /** Where in the body, or in the item. */
  path?: string;
  /** Name of a response header. */
  header?: string;
  equals?: string | number | boolean;
  in?: (string | number | boolean)[];
  startsWith?: string;
  /** Whether there is a value that is not empty. */
  exists?: boolean;
}
type StatusTest = number | string;

/** What a predicate looks at. */
export interface Facts {
  status?: number;
  /** Lower-case names. */
  headers?: Readonly<Record<string, string>>;
  /** The body, or an item of it. */
  body: unknown;
}

const scalar = z.union([z.string().max(500), z.number(), z.boolean()]);
const status = z.union([
  z.int().min(100).max(599),
  z.string().regex(/^[1-5]xx$/, { error: 'must be a status such as 202, or a class such as 2xx' }),
]);
const SUBJECTS = ['all', 'any', 'not', 'status', 'path', 'header'] as const;
const TESTS = ['equals', 'in', 'startsWith', 'exists'] as const;

/** Exactly one subject; `path` and `header` with exactly one test. */
export const predicateSchema: z.ZodType<Predicate> = z
  .strictObject({
    get all() {
      return z.array(predicateSchema).min(1).optional();
    },
    get any() {
      return z.array(predicateSchema).min(1).optional();
    },
    get not() {
      return predicateSchema.optional();
    },
    status: z.union([status, z.array(status).min(1)]).optional(),
    path: pathSchema.optional(),
    header: z.string().toLowerCase().optional(),
    equals: scalar.optional(),
    in: z.array(scalar).min(1).optional(),
    startsWith: z.string().min(1).max(500).optional(),
    exists: z.boolean().optional(),
  })
  .superRefine((predicate, context) => {
    const named = (names: readonly (keyof Predicate)[]) =>
      names.filter((name) => predicate[name] !== undefined);
    if (named(SUBJECTS).length !== 1)
      context.addIssue({ code: 'custom', message: `must hold exactly one of ${SUBJECTS.join(', ')}` });
    const wanted = predicate.path !== undefined || predicate.header !== undefined ? 1 : 0;
    if (named(TESTS).length !== wanted)
      context.addIssue({
        code: 'custom',
        message: wanted
          ? `must hold exactly one of ${TESTS.join(', ')}`
          : `must hold none of ${TESTS.join(', ')}`,
      });
  });

/** Answers the question. What is not there equals nothing, starts with nothing and does not exist. */
export function matches(predicate: Predicate, facts: Facts): boolean {
  const { all, any, not } = predicate;
  if (all) return all.every((part) => matches(part, facts));
  if (any) return any.some((part) => matches(part, facts));
  if (not) return !matches(not, facts);
  if (predicate.status !== undefined)
    return [predicate.status].flat().some((test) => hasStatus(test, facts.status));
  return test(predicate, subjectOf(predicate, facts));
}

const hasStatus = (test: StatusTest, status: number | undefined): boolean =>
  typeof test === 'number' ? status === test : status !== undefined && String(status)[0] === test[0];

const subjectOf = ({ path, header }: Predicate, { body, headers }: Facts): unknown =>
  path !== undefined
    ? readPath(body, path)
    : headers && Object.hasOwn(headers, header!)
      ? headers[header!]
      : undefined;

function test({ equals, in: list, startsWith, exists }: Predicate, subject: unknown): boolean {
  if (exists !== undefined) return exists === (subject !== undefined && subject !== null && subject !== '');
  const text = asText(subject);
  if (text === undefined) return false;
  if (startsWith !== undefined) return text.startsWith(startsWith);
  return (list ?? [equals!]).some((value) => String(value) === text);
}
