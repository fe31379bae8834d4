import { randomBytes, randomInt } from 'node:crypto';

/** An EC2-style id: `vpc-` and 17 hexadecimal digits, the first of them 0. */
export function ec2Id(prefix: string): string {
  return `${prefix}-0${randomBytes(8).toString('hex')}`;
}

/** An IAM unique id such as `AROA…`. */
export function iamId(prefix: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  return prefix + Array.from({ length: 17 }, () => alphabet[randomInt(alphabet.length)]).join('');
}

/** Hexadecimal digits, as at the end of load balancers' ARNs. */
export function hex(digits: number): string {
  return randomBytes(Math.ceil(digits / 2)).toString('hex').slice(0, digits);
}
