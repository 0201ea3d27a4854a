/** Every finite number is a multiple of this power of two, and so is every sum of them. */
const minExponent = 1074n;

/** What 1 is as `exactOf` has it. */
export const exactOne = 1n << minExponent;

const scratch = new DataView(new ArrayBuffer(8));

/** A finite number times 2^1074: an integer, so that sums of such are exact, in whatever order they are made. */
export const toExact = (value: number): bigint => {
  scratch.setFloat64(0, value);
  const bits = scratch.getBigUint64(0);
  const exponent = (bits >> 52n) & 0x7ffn;
  const fraction = bits & 0xf_ffff_ffff_ffffn;
  // The smallest numbers have no hidden leading bit, and the exponent of those just above them.
  const magnitude = exponent === 0n ? fraction : (fraction | (1n << 52n)) << (exponent - 1n);
  return value < 0 ? -magnitude : magnitude;
};

/** The quotient of two integers as the nearest number. @param divisor above 0 */
export const divideExact = (dividend: bigint, divisor: bigint): number => {
  const { significand, power } = scaleQuotient(dividend < 0n ? -dividend : dividend, divisor);
  const quotient = multiplyByPower(significand, power);
  return dividend < 0n ? -quotient : quotient;
};

/** The square root of the quotient of two integers. @param dividend 0 or above @param divisor above 0 */
export const sqrtOfQuotient = (dividend: bigint, divisor: bigint): number => {
  const { significand, power } = scaleQuotient(dividend, divisor);
  return multiplyByPower(Math.sqrt(significand), power / 2);
};

/** A quotient as a number of some 64 bits times an even power of two. */
const scaleQuotient = (dividend: bigint, divisor: bigint): { significand: number; power: number } => {
  const power = 2 * Math.ceil((countBits(dividend) - countBits(divisor) - 64) / 2);
  const [over, under] =
    power < 0 ? [dividend << BigInt(-power), divisor] : [dividend, divisor << BigInt(power)];
  // The last bit stands for all that is cut off, so that rounding knows of it.
  const remainderBit = over % under === 0n ? 0n : 1n;
  return { significand: Number((over / under) | remainderBit), power };
};

const countBits = (value: bigint): number => value.toString(16).length * 4;

/** In two steps: the power alone may be out of a number's range. */
const multiplyByPower = (value: number, power: number): number => {
  const half = Math.trunc(power / 2);
  return value * 2 ** half * 2 ** (power - half);
};
