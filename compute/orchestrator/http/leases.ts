import * as v from 'valibot';
import { leasePath } from '../../../contracts/blob-paths.ts';
import { integer } from '../../../contracts/job-request.ts';
import type { Blobs } from '../../storage/port.ts';
import { callerName } from '../auth/caller.ts';
import type { GuardedRoute } from '../auth/guard.ts';
import { leaseSpace } from '../auth/lease-space.ts';
import { leaseRefusal, takeOverRefusal } from '../auth/authorize.ts';
import { LeaseClaim, longestLease, type Lease } from '../leases/lease.ts';
import { releaseLease, takeLease } from '../leases/lease-store.ts';
import { json, problemAnswer, refused } from './answers.ts';
import { bodyAs } from '../json.ts';

const Taking = v.object({
  ...LeaseClaim.entries,
  seconds: integer(1, longestLease),
  /** Whether the lease can be taken over from a guest without `"entry": true`. */
  takeOver: v.optional(v.boolean('expected true or false'), false),
});

/** `POST /api/leases {name, holder, seconds, takeOver}`: takes or renews a lease. 409 while another holder has it. */
export const postLease = ({ blobs }: { blobs: Blobs }): GuardedRoute => ({
  name: 'TakeLease',
  method: 'POST',
  path: 'leases',
  needs: 'start',
  handle: async (httpRequest, _parameters, _client, caller) => {
    const taking = await bodyAs(Taking, httpRequest);
    if (!taking.ok) return refused(taking.problem);
    const { takeOver: overGuests, ...claim } = taking.value;
    const refusal = leaseRefusal(caller, claim) ?? (overGuests ? takeOverRefusal(caller) : undefined);
    if (refusal) return refusal;
    const path = leasePath(claim.name, leaseSpace(caller, claim.name));
    const byGuest = !callerName(caller).entry;
    const lease = await takeLease(blobs, path, { ...claim, byGuest, overGuests });
    return lease.holder === claim.holder ? json(200, lease) : held(lease);
  },
});

/** `POST /api/leases/release {name, holder}`: gives a lease back, if it is this holder's; fine if it is not. */
export const postLeaseRelease = ({ blobs }: { blobs: Blobs }): GuardedRoute => ({
  name: 'ReleaseLease',
  method: 'POST',
  path: 'leases/release',
  needs: 'start',
  handle: async (httpRequest, _parameters, _client, caller) => {
    const claim = await bodyAs(LeaseClaim, httpRequest);
    if (!claim.ok) return refused(claim.problem);
    const { name } = claim.value;
    const refusal = leaseRefusal(caller, claim.value);
    if (refusal) return refusal;
    await releaseLease(blobs, leasePath(name, leaseSpace(caller, name)), claim.value);
    return json(200, { v: 1, name });
  },
});

const held = ({ name, holder, until }: Lease): Response =>
  problemAnswer(409, {
    code: 'lease-held',
    field: 'name',
    message: `${name} is another holder's until ${until}`,
    expected: 'a lease that is free',
    received: holder,
  });
