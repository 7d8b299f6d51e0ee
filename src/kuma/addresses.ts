const isIpv4 = (text: string) => {
  const parts = text.split('.');
  return parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
};

function isIpv6(text: string): boolean {
  const halves = text.split('::');
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  const endsInIpv4 = !text.endsWith('::') && isIpv4(groups.at(-1) ?? '');
  const inHex = endsInIpv4 ? groups.slice(0, -1) : groups;
  const count = inHex.length + (endsInIpv4 ? 2 : 0);
  const fits = halves.length === 1 ? count === 8 : halves.length === 2 && count < 8;
  return fits && inHex.every((group) => /^[\da-f]{1,4}$/i.test(group));
}

/** Whether Go's `net.ParseIP` reads a text: no zone, no brackets, no leading zeros. */
export const isIp = (text: string): boolean => isIpv4(text) || isIpv6(text);

/** Whether a text is a port, in digits. */
export const isPort = (text: string): boolean => /^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= 65535;

/** Host and port of `host:port` or `[host]:port`, as Go's `net.SplitHostPort` finds them; both may be empty. */
export function splitHostPort(text: string): { host: string; port: string } | undefined {
  const [, inBrackets, plain, port] = /^(?:\[([^[\]]*)\]|([^:[\]]*)):([^:[\]]*)$/.exec(text) ?? [];
  return port === undefined ? undefined : { host: inBrackets ?? plain ?? '', port };
}
