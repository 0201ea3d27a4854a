import * as v from 'valibot';

import { validationErrorResponse } from './responses.ts';

/** The maximum length of a text on GitHub, in Unicode code points. */
export const maxTextLength = 65_536;

const text = v.object({ body: v.string() });
const opening = v.object({ title: v.string(), body: v.optional(v.nullable(v.string()), '') });

/** Returns the text of a comment, or GitHub's response to an invalid body. */
export const parseCommentText = (body: unknown): string | Response => {
  const parsed = v.safeParse(text, body);
  if (!parsed.success)
    return validationErrorResponse({ resource: 'IssueComment', code: 'missing_field', field: 'body' });
  return findTextError('IssueComment', parsed.output.body) ?? parsed.output.body;
};

/** Returns the title and text of a new issue, or GitHub's response to an invalid body. */
export const parseIssueText = (body: unknown): { title: string; body: string } | Response => {
  const parsed = v.safeParse(opening, body);
  if (!parsed.success || parsed.output.title.trim() === '') {
    return validationErrorResponse({ resource: 'Issue', code: 'missing_field', field: 'title' });
  }
  const { title, body: content } = parsed.output;
  const issue = { title: title.trim(), body: content ?? '' };
  return (issue.body === '' ? undefined : findTextError('Issue', issue.body)) ?? issue;
};

/** Parses a body, or returns GitHub's response that names the first invalid field. */
export const parseBody = <Schema extends v.GenericSchema>(
  schema: Schema,
  body: unknown,
  resource: string,
): v.InferOutput<Schema> | Response => {
  const parsed = v.safeParse(schema, body ?? {});
  if (parsed.success) return parsed.output;
  const field = v.getDotPath(parsed.issues[0]) ?? 'body';
  return validationErrorResponse({ resource, code: 'invalid', field });
};

const findTextError = (resource: string, content: string): Response | undefined => {
  if (content.trim() === '') {
    return validationErrorResponse({
      resource,
      code: 'unprocessable',
      field: 'data',
      message: 'Body cannot be blank',
    });
  }
  if (isLongerThan(content, maxTextLength)) {
    const message = `Body is too long (maximum is ${maxTextLength} characters)`;
    return validationErrorResponse({ resource, code: 'unprocessable', field: 'data', message });
  }
  return undefined;
};

const isLongerThan = (content: string, limit: number): boolean =>
  content.length > limit && Array.from(content).length > limit;
