import { toDecimal, parseExactJson } from '../../contracts/exact-json.ts';

/** The maximum power of ten of a number that is added, and the minimum with the opposite sign. It bounds the digits of a sum. */
const maxPower = 1_000;

/**
 * Adds two numbers as `parseExactJson` returns them. The sum of two JavaScript numbers is JavaScript's, unless they are integers and it
 * would be rounded. Such a sum, and one with a number that JavaScript cannot represent, is exact.
 * @returns null if one of them is not a number, or has more than 1 000 digits or zeros
 */
export const addExactly = (left: unknown, right: unknown): unknown => {
  if (typeof left === 'number' && typeof right === 'number') {
    const sum = left + right;
    const mayBeRounded = Number.isInteger(left) && Number.isInteger(right) && !Number.isSafeInteger(sum);
    if (!mayBeRounded) return sum;
  }
  const [one, other] = [toDecimal(left), toDecimal(right)];
  if (!one || !other || Math.max(Math.abs(one.power), Math.abs(other.power)) > maxPower) return null;
  const power = Math.min(one.power, other.power, 0);
  const scaled = ({ digits, power: own }: typeof one): bigint => digits * 10n ** BigInt(own - power);
  return parseExactJson(formatDecimal(scaled(one) + scaled(other), -power));
};

/** Formats an integer, divided by a power of ten, as JSON. */
const formatDecimal = (digits: bigint, decimals: number): string => {
  if (decimals === 0) return String(digits);
  const sign = digits < 0n ? '-' : '';
  const text = String(digits < 0n ? -digits : digits).padStart(decimals + 1, '0');
  let end = text.length;
  while (text[end - 1] === '0' && end > text.length - decimals) end -= 1;
  const point = text.length - decimals;
  return sign + text.slice(0, point) + (end === point ? '' : `.${text.slice(point, end)}`);
};
