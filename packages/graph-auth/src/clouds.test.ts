import { expect, test } from 'vitest';
import { cloudIds, clouds, hostsOf } from './clouds.ts';

test.each([
  ['global', 'login.microsoftonline.com', 'graph.microsoft.com'],
  ['usgov-l4', 'login.microsoftonline.us', 'graph.microsoft.us'],
  ['usgov-l5', 'login.microsoftonline.us', 'dod-graph.microsoft.us'],
  ['china', 'login.chinacloudapi.cn', 'microsoftgraph.chinacloudapi.cn'],
] as const)('GERR-02: the cloud %s needs %s and %s to be released', (id, login, graph) => {
  expect(hostsOf(id)).toEqual([login, graph]);
  expect(clouds[id].scope).toBe(`https://${graph}/.default`);
});

test('there are four clouds, and no custom one', () => {
  expect(Object.keys(clouds).sort()).toEqual([...cloudIds].sort());
  expect(cloudIds).toHaveLength(4);
});
