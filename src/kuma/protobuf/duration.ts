/** Nanoseconds. `µ` stands in Unicode twice: as the micro sign and as the Greek letter. */
const UNITS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1000n,
  '\u00b5s': 1000n,
  '\u03bcs': 1000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};

const MOST = 2n ** 63n - 1n;

/**
 * A duration as protobuf writes it: seconds with 0, 3, 6 or 9 decimals, `90s`, `0.100s`.
 * @param text as Go reads it: `1m30s`, `100ms`, `-1.5h`
 * @returns undefined for what Go refuses: other text, and what is no number of nanoseconds of 64 bits
 */
export function canonicalDuration(text: string): string | undefined {
  const sign = /^[-+]/.exec(text)?.[0] ?? '';
  const amount = text.slice(sign.length);
  const nanoseconds = amount === '0' ? 0n : sumOf(amount);
  return nanoseconds === undefined ? undefined : inSeconds(nanoseconds, sign === '-' && nanoseconds > 0n);
}

function sumOf(amount: string): bigint | undefined {
  if (!/^(?:(?:\d+(?:\.\d*)?|\.\d+)[^\d.]+)+$/.test(amount)) return undefined;
  let sum = 0n;
  for (const [, whole = '', fraction = '', unit = ''] of amount.matchAll(/(\d*)\.?(\d*)([^\d.]+)/g)) {
    const size = Object.hasOwn(UNITS, unit) ? UNITS[unit] : undefined;
    if (size === undefined) return undefined;
    sum += BigInt(whole) * size + partOf(fraction, size);
    if (sum > MOST) return undefined;
  }
  return sum;
}

/** Digits after the point: as many as go into 64 bits, and then as a float, both as in Go. */
function partOf(digits: string, size: bigint): bigint {
  let [value, scale] = [0n, 1];
  for (const digit of digits) {
    const more = value * 10n + BigInt(digit);
    if (more > MOST) break;
    value = more;
    scale *= 10;
  }
  return BigInt(Math.trunc(Number(value) * (Number(size) / scale)));
}

function inSeconds(nanoseconds: bigint, isNegative: boolean): string {
  const digits = String(nanoseconds).padStart(10, '0');
  const decimals = digits.slice(-9).replace(/(?:000){1,3}$/, '');
  return `${isNegative ? '-' : ''}${digits.slice(0, -9)}${decimals && `.${decimals}`}s`;
}
