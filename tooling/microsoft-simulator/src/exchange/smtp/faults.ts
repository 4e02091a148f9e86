import type { AnyFaultParameters } from '../../faults/table.ts';
import { type SessionContext, strikes } from '../wire/context.ts';

/** Exchange page: Fix NDR error 4.x; texts from logs. */
const busy = ({ status = 451 }: AnyFaultParameters): string => {
  switch (status) {
    case 421:
      return '421 4.3.2 Service not available, closing transmission channel';
    case 432:
      return '432 4.3.2 STOREDRV.ClientSubmit; sender thread limit exceeded';
    case 452:
      return '452 4.3.1 Insufficient system resources';
    default:
      return '451 4.7.500 Server busy. Please try again later from [127.0.0.1].';
  }
};

export const senderFault = (context: SessionContext, tenantId: string): string | undefined => {
  const fault = strikes(context, 'smtp-throttled', tenantId);
  return fault === undefined ? undefined : busy(fault);
};

export const dataFault = (context: SessionContext, tenantId: string): string | undefined => {
  const throttled = strikes(context, 'smtp-data-throttled', tenantId);
  if (throttled !== undefined) return busy(throttled);
  const refused = strikes(context, 'smtp-data-refused', tenantId);
  return refused === undefined
    ? undefined
    : `${refused.status ?? 550} ${refused.code ?? '5.7.1'} The message was refused by policy`;
};
