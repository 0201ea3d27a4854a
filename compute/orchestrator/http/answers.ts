import { unexpected, type Problem } from '../../../contracts/problem.ts';

/** A JSON answer. */
export const json = (status: number, body: unknown, headers: Record<string, string> = {}): Response =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json', ...headers } });

/** An answer that tells what is wrong. */
export const problemAnswer = (status: number, problem: Problem): Response => json(status, { error: problem });

/** The request is wrong. */
export const refused = (problem: Problem): Response => problemAnswer(400, problem);

/** There is no such job. */
export const unknownJob = (id: string): Response =>
  problemAnswer(404, unexpected('id', 'the id of a job', id, 'unknown-job').problem);
