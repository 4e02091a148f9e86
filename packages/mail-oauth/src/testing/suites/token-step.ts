import type { TestStep } from '@itsm-m365/plugin-api';
import { type DiagnosisWorld, stepOf, type Tried } from '../diagnosis-world.ts';
import { sendingBy } from '../provocations/provocation.ts';
import { type WebHost, webHosts } from '../web-hosts.ts';

export const loginHost = 'login.microsoftonline.com';

/** The token's stage of a test, and how often a token was asked for. */
export const tokenStep = async (
  world: DiagnosisWorld,
  tried: Tried = {},
): Promise<{ readonly step: TestStep; readonly asked: number }> => {
  const requests = (): number => world.simulator.statistics.report().requests.token;
  const before = requests();
  const report = await world.test({ ...sendingBy('smtp'), ...tried });
  return { step: stepOf(report, 'token'), asked: requests() - before };
};

/** A way to the web on which the login host is somewhere else. */
export const webWith = (world: DiagnosisWorld, place: WebHost): Pick<Tried, 'http'> => {
  const http = webHosts({ [loginHost]: place }, world.web);
  world.keep({ close: () => http.destroy() });
  return { http };
};
