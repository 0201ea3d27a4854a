import { OrchestratorError } from '../../compute/client/index.ts';
import { describeConnectionFailure, getRootCause } from '../../compute/client/connection-failure.ts';
import { CliError } from '../cli-error.ts';

/** Returns what a failed call means for the person at the terminal, and what to do about it; other errors are returned unchanged. */
export const describeFailure = (error: unknown, url: string): unknown => {
  if (!(error instanceof OrchestratorError)) return error;
  const { status, cause } = error;
  const fail = (exit: 'unreachable' | 'refused' | 'notFound' | 'usage', text: string) =>
    new CliError(exit, text, { cause: error });
  if (cause instanceof CliError) return cause;
  if (status === null && error.message.includes('access token'))
    return fail('refused', `${error.message}: ${getRootCause(cause).message.split('\n')[0]}`);
  if (status === null)
    return fail('unreachable', `Cannot reach the orchestrator at ${url}: ${describeCause(cause)}.`);
  if (cause instanceof SyntaxError)
    return fail(
      'unreachable',
      `Expected Coxswain's orchestrator at ${url}, but received a response (${status}) that is not JSON. Check --orchestrator: it is the address without /api.`,
    );
  if (status >= 300 && status < 400)
    return fail(
      'unreachable',
      `${url} responded with a redirect (${status}). It is not followed, because that would send the credential elsewhere. Use the address that it redirects to.`,
    );
  if (status === 401)
    return fail(
      'refused',
      `The orchestrator at ${url} does not accept this credential (401). Its log states the reason.`,
    );
  if (status === 403) return fail('refused', `${url}: ${error.message}`);
  const codes: Readonly<Record<number, 'notFound' | 'usage'>> = { 400: 'usage', 404: 'notFound' };
  return fail(codes[status] ?? 'unreachable', `${url}: ${error.message}`);
};

const describeCause = (cause: unknown): string =>
  getRootCause(cause).name === 'TimeoutError' ? 'no response within 8 s' : describeConnectionFailure(cause);
