import type { Acts } from '@itsm-m365/graph-auth';
import type { FaultName, FaultParameters } from '@itsm-m365/microsoft-simulator';
import type { AccountSettings } from '../../account-fields.ts';
import type { MailErrorCode } from '../../diagnosis/errors.ts';
import type { DiagnosisWorld, Tried } from '../diagnosis-world.ts';
import type { ScriptedServer } from '../scripted-server.ts';

/** A test of an account at a server that is ready; `stuck` resolves where only the passing of time goes on. */
export interface Provoked extends Tried {
  readonly stuck?: Promise<void>;
}

/** How a server is brought to say what a row is about, and what the test of the account has to tell then. */
export interface Provocation {
  readonly row: string;
  /** What the server does, after "where". */
  readonly where: string;
  provoke(world: DiagnosisWorld): Provoked | Promise<Provoked>;
  readonly stage: string;
  /** Default `failed`. */
  readonly outcome?: 'warning';
  readonly code: MailErrorCode;
  readonly acts: Acts;
  /** Ids of the causes that are told, in their order; default: all of the row. */
  readonly causes?: readonly string[];
}

/** For rows that no test of a connection meets: the server fails what fetching or sending does. */
export interface Elsewhere {
  readonly row: string;
  readonly where: string;
  fail(world: DiagnosisWorld): Promise<unknown>;
  readonly code: MailErrorCode;
}

type Receiving = Partial<AccountSettings['receiving']>;

/** An account that only fetches, from this server. */
export const receivingAt = (
  protocol: 'imap' | 'pop',
  { host, port, authority }: Pick<ScriptedServer, 'host' | 'port' | 'authority'>,
  more: Receiving = {},
): Tried => {
  const usual = { imap: { tls: 993, starttls: 143 }, pop: { tls: 995, starttls: 110 } }[protocol];
  const shown = usual[more.encryption === 'starttls' ? 'starttls' : 'tls'];
  return {
    account: { receiving: { protocol, host, authority, ...more }, sending: { protocol: 'none' } },
    routes: { [`${host}:${shown}`]: port },
  };
};

/** An account that only sends, by this server and STARTTLS. */
export const sendingAt = ({ host, port, authority }: ScriptedServer): Tried => ({
  account: { receiving: { protocol: 'none' }, sending: { protocol: 'smtp', host, authority } },
  routes: { [`${host}:587`]: port },
});

/** An account that only fetches from the simulated Exchange, or only sends by it. */
export const fetchingBy = (protocol: 'imap' | 'pop' | 'graph', mailbox?: string, more: Receiving = {}): Tried => ({
  account: {
    ...(mailbox === undefined ? {} : { mailbox }),
    receiving: { protocol, ...more },
    sending: { protocol: 'none' },
  },
});

export const sendingBy = (protocol: 'smtp' | 'graph', mailbox?: string): Tried => ({
  account: {
    ...(mailbox === undefined ? {} : { mailbox }),
    receiving: { protocol: 'none' },
    sending: { protocol },
  },
});

/** That account, from when on the simulator has this fault. */
export const during =
  <N extends FaultName>(fault: N, tried: Tried, parameters?: FaultParameters<N>) =>
  ({ simulator }: DiagnosisWorld): Tried => {
    simulator.faults.enable(fault, parameters);
    return tried;
  };

export const asDelegate = (tried: Tried): Tried => ({ ...tried, application: 'delegated' });

/** A promise and what resolves it, at the connection with this number: the look at the server before is the first one. */
export const atConnection = (number: number) => {
  let reached: () => void = () => undefined;
  const stuck = new Promise<void>((resolve) => {
    reached = resolve;
  });
  return {
    stuck,
    script: (_: unknown, connection: number): void => {
      if (connection === number) reached();
    },
    reached: () => reached(),
  };
};
