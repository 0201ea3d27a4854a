import { createSettingsError } from '../../runtime/settings.ts';

/** How long the links of a run must work in addition to its script's timeout, in seconds: until the launch, and from there to the start. */
export type LinkWaits = { launchSeconds: number; startSeconds: number };

/** The time after its timeout for a script to end, and for its runner to deliver files, log and exit record. */
const graceSeconds = 3_600;

/**
 * The lifetime of all links of a run stays below this. A user delegation key, with which managed identities sign links, is valid for at
 * most seven days.
 */
export const maxLinkSeconds = 6 * 86_400;

/** Returns the lifetime of the links of a run with this timeout, in seconds. */
export const getLinkSeconds = (timeoutSeconds: number, { launchSeconds, startSeconds }: LinkWaits): number =>
  launchSeconds + startSeconds + timeoutSeconds + graceSeconds;

/**
 * Checks the limits of runs, which come from the settings with these names.
 * @throws SettingsError if the links of the longest run would work for too long
 */
export const checkLinkLifetime = (timeoutSeconds: number, waits: LinkWaits): void => {
  if (getLinkSeconds(timeoutSeconds, waits) < maxLinkSeconds) return;
  const { launchSeconds, startSeconds } = waits;
  const sum = timeoutSeconds + launchSeconds + startSeconds;
  throw createSettingsError([
    `COXSWAIN_MAX_SECONDS, COXSWAIN_LAUNCH_SECONDS and COXSWAIN_START_SECONDS: expected a sum below ${maxLinkSeconds - graceSeconds}, because the links of a task must work for less than six days, received ${timeoutSeconds} + ${launchSeconds} + ${startSeconds} = ${sum}. Lower at least one of them.`,
  ]);
};
