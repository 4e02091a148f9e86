import { createHash } from 'node:crypto';
import { domainToASCII } from 'node:url';
import { outboxErrors } from './errors.ts';

const most = { local: 64, whole: 254 };
// RFC 5322, 3.2.3, with RFC 6532's letters of all scripts. Quoted local parts are refused: nobody has them, and quoting is
// where mail servers disagree about what an address is.
const localPart = /^[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+(\.[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+)*$/u;
const domainName = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/i;

const shown = (address: string): string => address.replace(/\p{C}+/gu, ' ').slice(0, 100);

/**
 * A mail address as it may stand in an envelope and a header: trimmed, its domain as registered (IDNA), everything else
 * unchanged. Nothing that could end a header or an SMTP command gets through (RFC 5321, 4.1.2).
 * @throws OUTBOX_ADDRESS_INVALID
 */
export const checkedAddress = (address: string): string => {
  const trimmed = address.trim();
  const at = trimmed.lastIndexOf('@');
  const local = trimmed.slice(0, Math.max(at, 0));
  const name = trimmed.slice(at + 1);
  const domain = /^[^\p{C}\s/?#:[\]@\\]+$/u.test(name) ? domainToASCII(name) : '';
  if (at < 1 || trimmed.length > most.whole || local.length > most.local)
    throw outboxErrors.OUTBOX_ADDRESS_INVALID({ address: shown(address) });
  if (!localPart.test(local) || !domainName.test(domain))
    throw outboxErrors.OUTBOX_ADDRESS_INVALID({ address: shown(address) });
  return `${local}@${domain}`;
};

export const domainOf = (address: string): string => address.slice(address.lastIndexOf('@') + 1);

/** Addresses in their order, each once, whatever its case. */
export const distinctAddresses = (addresses: readonly string[]): readonly string[] => {
  const seen = new Map<string, string>();
  for (const address of addresses.map(checkedAddress)) {
    const key = address.toLowerCase();
    if (!seen.has(key)) seen.set(key, address);
  }
  return [...seen.values()];
};

/** Names a recipient in a counter without naming a person. Bound to the account, so that accounts cannot be compared. */
export const recipientHash = (account: string, address: string): string =>
  createHash('sha256').update(`${account}\n${address.toLowerCase()}`).digest('hex');
