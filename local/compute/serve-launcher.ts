import { randomBytes } from 'node:crypto';
import * as v from 'valibot';
import {
  LauncherUnavailableError,
  type Launcher,
  type LaunchOutcome,
  type RunSpec,
} from '../../compute/launcher/port.ts';
import { launchCodes } from '../../compute/launcher/http/http-launcher.ts';
import { parseRunSpec } from '../../compute/runner/run-spec.ts';
import { JobId } from '../../contracts/ids.ts';
import { isEqualInConstantTime } from '../../runtime/constant-time.ts';
import { createWebListener, listen } from '../../runtime/http-server.ts';
import { allowLocalOnly } from '../../runtime/local-only.ts';
import { maskSecrets, type Logger } from '../../runtime/log.ts';
import { registerSecret } from '../../runtime/secrets.ts';
import { emptyResponse, problemResponse } from '../functions-host/responses.ts';

/** A launcher that listens on this machine, for the orchestrator in another process. */
export type ServedLauncher = { url: string; key: string; close: () => Promise<void> };

/** Larger than any run spec, which consists mainly of links and of the values of parameters. */
const maxSpecBytes = 4 * 1024 * 1024;

/** Serves a launcher, with a new key (docs/formats.md). A run spec contains secrets: no part of it is logged or returned. */
export const serveLauncher = async (launcher: Launcher, log: Logger): Promise<ServedLauncher> => {
  const key = randomBytes(24).toString('base64url');
  registerSecret(key);
  const answer = async (request: Request): Promise<Response> => {
    if (!isEqualInConstantTime(request.headers.get('authorization') ?? '', `Bearer ${key}`))
      return problemResponse(401, 'unauthorized', 'The key is missing or wrong.');
    const [, runners, job, ...rest] = new URL(request.url).pathname.split('/');
    if (runners !== 'runners' || rest.length > 0)
      return problemResponse(404, 'not-found', 'This address does not exist.');
    if (job === undefined && request.method === 'POST') return launch(launcher, await request.text(), log);
    if (!v.is(JobId, job)) return problemResponse(404, 'not-found', 'This is not the ID of a job.');
    if (request.method === 'GET') return Response.json({ v: 1, ...(await launcher.inspect(job)) });
    if (request.method !== 'DELETE')
      return problemResponse(405, 'method-not-allowed', 'Use GET or DELETE here.');
    return emptyResponse((await launcher.remove(job)) === 'gone' ? 204 : 202);
  };
  const listener = createWebListener(answer, (error) => log.error({ err: error }, 'a launcher call failed'), {
    maxBodyBytes: maxSpecBytes,
  });
  const { url, close } = await listen(allowLocalOnly(listener), { what: 'the launcher', port: 0 });
  return { url, key, close };
};

const launch = async (launcher: Launcher, text: string, log: Logger): Promise<Response> => {
  let spec: RunSpec;
  try {
    spec = parseRunSpec(text);
  } catch (error) {
    return problemResponse(400, 'invalid-run-spec', (error as Error).message);
  }
  try {
    return toLaunchResponse(await launcher.launch(spec));
  } catch (error) {
    if (error instanceof LauncherUnavailableError) return problemResponse(503, 'unavailable', error.message);
    log.error({ err: error, job: spec.job }, 'could not launch a runner');
    return problemResponse(500, 'launch-failed', maskSecrets((error as Error).message));
  }
};

const toLaunchResponse = (outcome: LaunchOutcome): Response => {
  if (outcome.kind === 'launched') return emptyResponse(204);
  if (outcome.kind === 'never') return problemResponse(422, launchCodes.never, maskSecrets(outcome.message));
  const { waitingFor, retryAfterSeconds } = outcome;
  const headers =
    retryAfterSeconds === undefined ? {} : { 'retry-after': String(Math.ceil(retryAfterSeconds)) };
  return problemResponse(503, launchCodes.later, maskSecrets(waitingFor), headers);
};
