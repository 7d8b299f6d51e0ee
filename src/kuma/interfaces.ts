import { isIp, isPort, splitHostPort } from './addresses.ts';

const isEndpoint = (text: string) => {
  const { host = '', port = '' } = splitHostPort(text) ?? {};
  return isIp(host) && isPort(port);
};

/** Whether a text is an `interface` of an inbound in the style before 0.4.0: `192.168.0.1:8080:80`, `[::1]:8080:80`. */
export function isInboundInterface(text: string): boolean {
  const workload = text.lastIndexOf(':');
  return workload >= 0 && isEndpoint(text.slice(0, workload)) && isPort(text.slice(workload + 1));
}

/** Whether a text is an `interface` of an outbound in that style: `127.0.0.1:8080`, `[::1]:8080`, `:8080`. */
export const isOutboundInterface = (text: string): boolean =>
  text.lastIndexOf(':') === 0 ? isPort(text.slice(1)) : isEndpoint(text);
