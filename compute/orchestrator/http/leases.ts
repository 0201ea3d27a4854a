import * as v from 'valibot';
import { leasePath } from '../../../contracts/blob-paths.ts';
import { integerInRange } from '../../../contracts/json-values.ts';
import type { Blobs } from '../../storage/port.ts';
import { toCallerName } from '../auth/caller.ts';
import type { GuardedRoute } from '../auth/guard.ts';
import { getLeaseSpace, checkLease, checkTakeOver } from '../auth/authorize.ts';
import { LeaseClaim, maxLeaseSeconds, type Lease } from '../leases/lease.ts';
import { releaseLease, takeLease } from '../leases/lease-store.ts';
import { toJsonResponse, toProblemResponse, toBadRequest, parseBody } from '../json.ts';

const TakeLeaseBody = v.object({
  ...LeaseClaim.entries,
  seconds: integerInRange(1, maxLeaseSeconds),
  /** Whether the lease can be taken over from a guest without `"entry": true`. */
  takeOver: v.optional(v.boolean('expected true or false'), false),
});

/** `POST /api/leases {name, holder, seconds, takeOver}`: takes or renews a lease. 409 if another holder has it. */
export const postLease = ({ blobs }: { blobs: Blobs }): GuardedRoute => ({
  name: 'TakeLease',
  method: 'POST',
  path: 'leases',
  needs: 'start',
  handle: async (httpRequest, _parameters, _client, caller) => {
    const body = await parseBody(TakeLeaseBody, httpRequest);
    if (!body.ok) return toBadRequest(body.problem);
    const { takeOver: overGuests, ...claim } = body.value;
    const refusal = checkLease(caller, claim) ?? (overGuests ? checkTakeOver(caller) : undefined);
    if (refusal) return refusal;
    const path = leasePath(claim.name, getLeaseSpace(caller, claim.name));
    const byGuest = !toCallerName(caller).entry;
    const lease = await takeLease(blobs, path, { ...claim, byGuest, overGuests });
    return lease.holder === claim.holder ? toJsonResponse(200, lease) : toLeaseHeld(lease);
  },
});

/** `POST /api/leases/release {name, holder}`: releases a lease if this holder has it. 200 in any case. */
export const postLeaseRelease = ({ blobs }: { blobs: Blobs }): GuardedRoute => ({
  name: 'ReleaseLease',
  method: 'POST',
  path: 'leases/release',
  needs: 'start',
  handle: async (httpRequest, _parameters, _client, caller) => {
    const claim = await parseBody(LeaseClaim, httpRequest);
    if (!claim.ok) return toBadRequest(claim.problem);
    const { name } = claim.value;
    const refusal = checkLease(caller, claim.value);
    if (refusal) return refusal;
    await releaseLease(blobs, leasePath(name, getLeaseSpace(caller, name)), claim.value);
    return toJsonResponse(200, { v: 1, name });
  },
});

const toLeaseHeld = ({ name, holder, until }: Lease): Response =>
  toProblemResponse(409, {
    code: 'lease-held',
    field: 'name',
    message: `${name} belongs to another holder until ${until}`,
    expected: 'a free lease',
    received: holder,
  });
