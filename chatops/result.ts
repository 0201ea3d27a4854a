/** A value, or the reason why there is none. */
export type Result<T, Refusal> = { ok: true; value: T } | { ok: false; refusal: Refusal };

/** Returns the result that has a value. */
export const succeed = <T>(value: T): { ok: true; value: T } => ({ ok: true, value });

/** Returns the result that has no value. */
export const fail = <Refusal>(refusal: Refusal): { ok: false; refusal: Refusal } => ({ ok: false, refusal });
