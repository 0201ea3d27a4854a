import * as v from 'valibot';
import { programUidName, programUidSetting } from '../../runtime/program-user.ts';
import { findStorageProblem } from '../../runtime/secure-address.ts';
import { integerSetting, secretSetting, setting } from '../../runtime/settings.ts';
import { dataDirLockSetting, sharedSettings } from '../../runtime/shared-settings.ts';
import { Programs } from '../algorithms/exec.ts';

const programsExpected = 'expected JSON: {"name": {"command": ["program", "argument"]}}';

/** A worker's settings, from its environment. */
export const WorkerSettings = v.object({
  COXSWAIN_STORAGE: secretSetting(
    'The connection string of the storage account.',
    v.pipe(v.string('expected a connection string'), v.includes('=', 'expected a connection string')),
    { checks: [findStorageProblem] },
  ),
  COXSWAIN_SLOTS: setting(
    'The maximum number of blocks that the worker computes at once.',
    v.optional(integerSetting(1, 256), '8'),
  ),
  COXSWAIN_VISIBILITY_SECONDS: setting(
    'How long, in seconds, the messages of a killed worker stay invisible to other workers. The worker renews its messages every third of this time.',
    v.optional(integerSetting(1, 3_600), '10'),
  ),
  COXSWAIN_GRACE_SECONDS: setting(
    'How long, in seconds, running blocks may continue after SIGTERM. The worker then returns the rest to the queue. A platform that kills processes must wait at least 3 s longer.',
    v.optional(integerSetting(0, 3_600), '20'),
  ),
  COXSWAIN_EXIT_WHEN_IDLE_SECONDS: setting(
    'How long, in seconds, the worker stays without work before it exits.',
    v.optional(integerSetting(1, 86_400)),
    { whenMissing: 'never' },
  ),
  COXSWAIN_PORT: setting(
    'The port of `/healthz`, `/readyz` and `/metrics` (Prometheus). 0 selects any free port.',
    v.optional(integerSetting(0, 65_535)),
    { whenMissing: 'not served' },
  ),
  COXSWAIN_HOST: setting(
    'The address on which the worker serves `COXSWAIN_PORT`. `::` means all addresses, IPv4 and IPv6.',
    v.optional(v.string(), '127.0.0.1'),
  ),
  COXSWAIN_PROGRAMS: setting(
    'The programs that the algorithm `exec` can run, each with its command.',
    v.optional(
      v.pipe(
        v.string(programsExpected),
        v.parseJson(undefined, programsExpected),
        v.config(Programs, { message: programsExpected }),
      ),
      '{}',
    ),
  ),
  [programUidName]: programUidSetting,
  ...sharedSettings,
  COXSWAIN_CREW_LOCK: dataDirLockSetting,
});
