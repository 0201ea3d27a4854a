import * as v from 'valibot';

import { invalid } from './responses.ts';

/** The most characters (Unicode code points) that GitHub takes for a text. */
export const textLimit = 65_536;

const text = v.object({ body: v.string() });
const opening = v.object({ title: v.string(), body: v.optional(v.nullable(v.string()), '') });

/** The text of a comment, or GitHub's answer to a body without a good one. */
export const commentText = (body: unknown): string | Response => {
  const parsed = v.safeParse(text, body);
  if (!parsed.success) return invalid({ resource: 'IssueComment', code: 'missing_field', field: 'body' });
  return textFault('IssueComment', parsed.output.body) ?? parsed.output.body;
};

/** The title and text of a new issue, or GitHub's answer to a body without good ones. */
export const issueText = (body: unknown): { title: string; body: string } | Response => {
  const parsed = v.safeParse(opening, body);
  if (!parsed.success || parsed.output.title.trim() === '') {
    return invalid({ resource: 'Issue', code: 'missing_field', field: 'title' });
  }
  const { title, body: given } = parsed.output;
  const issue = { title: title.trim(), body: given ?? '' };
  return (issue.body === '' ? undefined : textFault('Issue', issue.body)) ?? issue;
};

/** A body of a known form, or GitHub's answer that names the first field that is not right. */
export const bodyAs = <Schema extends v.GenericSchema>(
  schema: Schema,
  body: unknown,
  resource: string,
): v.InferOutput<Schema> | Response => {
  const parsed = v.safeParse(schema, body ?? {});
  if (parsed.success) return parsed.output;
  const field = v.getDotPath(parsed.issues[0]) ?? 'body';
  return invalid({ resource, code: 'invalid', field });
};

const textFault = (resource: string, given: string): Response | undefined => {
  if (given.trim() === '') {
    return invalid({ resource, code: 'unprocessable', field: 'data', message: 'Body cannot be blank' });
  }
  if (isLongerThan(given, textLimit)) {
    const message = `Body is too long (maximum is ${textLimit} characters)`;
    return invalid({ resource, code: 'unprocessable', field: 'data', message });
  }
  return undefined;
};

const isLongerThan = (given: string, limit: number): boolean =>
  given.length > limit && Array.from(given).length > limit;
