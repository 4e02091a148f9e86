import type { SimulatorTenant, TruthUser } from '@itsm-m365/microsoft-simulator';

const listedSkus = (tenant: SimulatorTenant): readonly string[] =>
  tenant.truth
    .skus()
    .filter(({ listed, appliesTo }) => listed && appliesTo === 'User')
    .map(({ skuId }) => skuId);

/**
 * Somebody leaves, somebody comes, a licence is taken from one and given to another, facts and seats change: seven
 * persons, fewer than the guard looks at, and as many licences as before, so that it can go on for ever.
 */
export const change = (tenant: SimulatorTenant, round: number): void => {
  const skus = listedSkus(tenant);
  // Held directly and by nothing else: taking one of two paths is what delta is silent about until the next full listing.
  const directOf = ({ paths }: TruthUser) =>
    paths.find(
      ({ groupId, holds, skuId }) =>
        groupId === null && holds && skus.includes(skuId) && paths.filter((path) => path.skuId === skuId).length === 1,
    )?.skuId;
  const direct = [...tenant.truth.users()].filter((user) => directOf(user) !== undefined);
  const turn = (round * 7) % direct.length;
  const [leaver, loser, ...others] = [...direct.slice(turn), ...direct.slice(0, turn)];
  const lost = loser === undefined ? undefined : directOf(loser);
  // To whom has least, or in the end everybody would have everything.
  const winner = [...others].sort((a, b) => a.paths.length - b.paths.length)[0];
  const won = [...skus.slice(round % skus.length), ...skus].find(
    (sku) => !winner?.paths.some(({ skuId }) => skuId === sku),
  );
  if (leaver === undefined || loser === undefined || winner === undefined || lost === undefined || won === undefined)
    throw new Error('the tenant has run out of people');
  const newcomer = tenant.addUser({ department: `New ${round}` });
  for (const { skuId } of leaver.paths.filter(({ skuId, holds }) => holds && skus.includes(skuId)))
    tenant.assign(newcomer, skuId);
  tenant.removeUser(leaver.id);
  tenant.unassign(loser.id, lost, { groupId: null });
  tenant.assign(winner.id, won);
  for (const { id } of others.filter((user) => user !== winner).slice(0, 3))
    tenant.updateUser(id, { department: `Department ${round}` });
  tenant.setSeats(won, 100 + (round % 50));
};
