/** Every finite number, and every sum of finite numbers, is a multiple of 2^-1074. */
const minExponent = 1074n;

/** The number 1 as `toExact` returns it. */
export const exactOne = 1n << minExponent;

const scratch = new DataView(new ArrayBuffer(8));

/** Returns a finite number times 2^1074. This is an integer, so sums are exact in any order. */
export const toExact = (value: number): bigint => {
  scratch.setFloat64(0, value);
  const bits = scratch.getBigUint64(0);
  const exponent = (bits >> 52n) & 0x7ffn;
  const fraction = bits & 0xf_ffff_ffff_ffffn;
  // Subnormal numbers have no hidden leading bit, and the exponent of the smallest normal ones.
  const magnitude = exponent === 0n ? fraction : (fraction | (1n << 52n)) << (exponent - 1n);
  return value < 0 ? -magnitude : magnitude;
};

/** Returns the quotient of two integers, rounded to the nearest number. @param divisor above 0 */
export const divideExact = (dividend: bigint, divisor: bigint): number => {
  const { significand, power } = scaleQuotient(dividend < 0n ? -dividend : dividend, divisor);
  const quotient = multiplyByPower(significand, power);
  return dividend < 0n ? -quotient : quotient;
};

/** Returns the square root of the quotient of two integers. @param dividend at least 0 @param divisor above 0 */
export const sqrtOfQuotient = (dividend: bigint, divisor: bigint): number => {
  const { significand, power } = scaleQuotient(dividend, divisor);
  return multiplyByPower(Math.sqrt(significand), power / 2);
};

/** Returns a quotient as an integer of about 64 bits times an even power of two. */
const scaleQuotient = (dividend: bigint, divisor: bigint): { significand: number; power: number } => {
  const power = 2 * Math.ceil((countBits(dividend) - countBits(divisor) - 64) / 2);
  const [over, under] =
    power < 0 ? [dividend << BigInt(-power), divisor] : [dividend, divisor << BigInt(power)];
  // The last bit stands for the remainder, so that the number is rounded correctly.
  const remainderBit = over % under === 0n ? 0n : 1n;
  return { significand: Number((over / under) | remainderBit), power };
};

const countBits = (value: bigint): number => value.toString(16).length * 4;

/** Returns a value times a power of two, in two steps, because the power alone can exceed the range of numbers. */
const multiplyByPower = (value: number, power: number): number => {
  const half = Math.trunc(power / 2);
  return value * 2 ** half * 2 ** (power - half);
};
