import { readCertificate } from '@itsm-m365/graph-auth';
import { nameKey, type Problem, type Services, type ValidationContext } from '@itsm-m365/plugin-api';
import type { AccountSettings } from './account-fields.ts';
import { applicationOf } from './applications.ts';
import { isAddress, isHost, problems } from './problems.ts';

const nameProblems = (value: AccountSettings, context: ValidationContext<AccountSettings>): Problem[] => {
  const key = nameKey(value.name);
  if (key === '') return [problems.nameMissing];
  return context.others.some((other) => nameKey(other.value.name) === key)
    ? [problems.nameTaken(value.name.trim())]
    : [];
};

const addressProblems = (value: AccountSettings): Problem[] => {
  const optional: readonly (readonly [string, string])[] = [
    ['/from', value.from],
    ['/signInUser', value.signInUser],
  ];
  return [
    ...(isAddress(value.mailbox) ? [] : [problems.address('/mailbox')]),
    ...optional.flatMap(([path, given]) => (given.trim() === '' || isAddress(given) ? [] : [problems.address(path)])),
  ];
};

const isCertificate = (pem: string): boolean => {
  try {
    readCertificate(pem);
    return true;
  } catch {
    return false;
  }
};

const serverProblems = (value: AccountSettings, side: 'receiving' | 'sending'): Problem[] => {
  const { host, authority } = value[side];
  return [
    ...(host.trim() === '' || isHost(host) ? [] : [problems.host(`/${side}/host`)]),
    ...(authority.trim() === '' || isCertificate(authority) ? [] : [problems.authority(`/${side}/authority`)]),
  ];
};

const receivingProblems = ({ receiving }: AccountSettings): Problem[] => {
  if (receiving.after !== 'move' || receiving.protocol === 'none') return [];
  if (receiving.protocol === 'pop') return [problems.popCannotMove];
  return receiving.moveTo.trim() === '' ? [problems.moveNeedsFolder] : [];
};

const methodProblems = async (value: AccountSettings, services: Services): Promise<Problem[]> => {
  if (value.method === 'password') {
    return [
      ...(value.password === undefined ? [problems.passwordNeeded] : []),
      ...(value.receiving.protocol === 'graph' ? [problems.graphNeedsOauth('/receiving/protocol')] : []),
      ...(value.sending.protocol === 'graph' ? [problems.graphNeedsOauth('/sending/protocol')] : []),
    ];
  }
  return (await applicationOf(services, { value })) === undefined ? [problems.applicationUnknown] : [];
};

/** Every wrong field of an account, as its schema cannot say it. */
export const accountProblems = async (
  value: AccountSettings,
  context: ValidationContext<AccountSettings>,
): Promise<Problem[]> => [
  ...nameProblems(value, context),
  ...addressProblems(value),
  ...serverProblems(value, 'receiving'),
  ...serverProblems(value, 'sending'),
  ...receivingProblems(value),
  ...(await methodProblems(value, context.services)),
];
