import { type FaultName, faultNames, isExchangeFault } from '@itsm-m365/microsoft-simulator';

/** Faults that an import can meet: those of mail are not on its way, and a refusal by number stands for any of the others. */
export const importFaults: readonly FaultName[] = faultNames.filter(
  (name) => !isExchangeFault(name) && name !== 'entra-refusal',
);
