import { rejectField, type Problem } from '../../../contracts/problem.ts';

/** A JSON answer. */
export const toJsonResponse = (
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): Response =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json', ...headers } });

/** An answer that tells what is wrong. */
export const toProblemResponse = (status: number, problem: Problem): Response =>
  toJsonResponse(status, { error: problem });

/** The request is wrong. */
export const toBadRequest = (problem: Problem): Response => toProblemResponse(400, problem);

/** There is no such job. */
export const toUnknownJob = (id: string): Response =>
  toProblemResponse(404, rejectField('id', 'the id of a job', id, 'unknown-job').problem);
