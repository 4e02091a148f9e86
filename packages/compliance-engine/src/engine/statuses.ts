import type { Text } from './facts.ts';

export const statusIds = [
  'fully-licensed',
  'not-enough',
  'clear',
  'calculation-error',
  'cannot-be-synchronised',
  'concurrent',
  'base-missing',
  'upgrade-right',
] as const;
export type StatusId = (typeof statusIds)[number];

export interface StatusEntry {
  readonly id: StatusId;
  /** The documented name (requirements B1 and COMP-08). */
  readonly title: Text;
  /** When a product has it. */
  readonly explanation: Text;
  /** What the administrator can do; absent where nothing is to be done. */
  readonly remedy?: Text;
  /** Grows as things get worse; equal ranks are neither better nor worse than each other. */
  readonly rank: number;
  /** Name of the status's icon, its own for each status. */
  readonly icon: string;
  /** False: does not arise from a subscription, so no Microsoft 365 product has it. */
  readonly microsoft365: boolean;
}

const entry = (
  id: StatusId,
  rank: number,
  microsoft365: boolean,
  title: Text,
  explanation: Text,
  remedy?: Text,
): StatusEntry => ({
  id,
  title,
  explanation,
  ...(remedy === undefined ? {} : { remedy }),
  rank,
  icon: `compliance-${id}`,
  microsoft365,
});

/** Every status, also those of other kinds of products, since the explanation lists them all (COMP-15). */
export const statuses: readonly StatusEntry[] = [
  entry(
    'fully-licensed',
    0,
    true,
    { en: 'Fully licensed', de: 'Vollständig lizenziert' },
    {
      en: 'Enough licences are assigned to the product to cover its use. Where that rests on seats in a grace period or on trial seats, the status says so and names the date when they end.',
      de: 'Dem Produkt sind genügend Lizenzen zugewiesen, um die Nutzung abzudecken. Beruht das auf Plätzen in der Nachfrist oder auf Testplätzen, steht es beim Status, mit dem Datum, an dem sie enden.',
    },
  ),
  entry(
    'not-enough',
    2,
    true,
    { en: 'Not enough licenses assigned', de: 'Nicht genügend Lizenzen zugewiesen' },
    {
      en: 'More consumers use the product than licences are available.',
      de: 'Das Produkt hat mehr Verbraucher, als Lizenzen verfügbar sind.',
    },
    {
      en: 'Buy seats, or take licences away from persons who do not need them; then run the import and the recalculation.',
      de: 'Kaufen Sie Plätze nach oder entziehen Sie Lizenzen Personen, die sie nicht brauchen; führen Sie dann den Import und die Neuberechnung aus.',
    },
  ),
  entry(
    'clear',
    0,
    true,
    { en: 'Clear', de: 'Leer' },
    {
      en: 'The product has neither licences nor consumers.',
      de: 'Das Produkt hat weder Lizenzen noch Verbraucher.',
    },
  ),
  entry(
    'calculation-error',
    3,
    true,
    { en: 'A calculation error has occurred', de: 'Bei der Berechnung ist ein Fehler aufgetreten' },
    {
      en: 'The use of the product cannot be computed from the figures received. The explanation names the figure.',
      de: 'Die Nutzung des Produkts lässt sich aus den erhaltenen Zahlen nicht berechnen. Die Erläuterung nennt die Zahl.',
    },
    {
      en: 'Run the import and the recalculation again. If the status stays, compare the named figure with the Microsoft 365 admin center.',
      de: 'Führen Sie den Import und die Neuberechnung erneut aus. Bleibt der Status, vergleichen Sie die genannte Zahl mit dem Microsoft 365 Admin Center.',
    },
  ),
  entry(
    'cannot-be-synchronised',
    4,
    true,
    { en: 'Product cannot be synchronised', de: 'Produkt kann nicht synchronisiert werden' },
    {
      en: 'An import cannot update this product or licence any more. It has one of three reasons: it no longer exists in the portal, it was excluded afterwards, or the portal was deleted. The last known figures are kept.',
      de: 'Ein Import kann dieses Produkt oder diese Lizenz nicht mehr aktualisieren. Dafür gibt es einen von drei Gründen: Es existiert nicht mehr im Portal, es wurde nachträglich ausgeschlossen, oder das Portal wurde gelöscht. Die zuletzt bekannten Zahlen bleiben erhalten.',
    },
    {
      en: 'The reason names what to do.',
      de: 'Der Grund nennt, was zu tun ist.',
    },
  ),
  entry(
    'concurrent',
    0,
    false,
    { en: 'Licensed for concurrent use', de: 'Für gleichzeitige Nutzung lizenziert' },
    {
      en: 'The software itself limits how many use it at the same time. Does not arise for Microsoft 365.',
      de: 'Die Software begrenzt selbst, wie viele sie gleichzeitig nutzen. Kommt bei Microsoft 365 nicht vor.',
    },
  ),
  entry(
    'base-missing',
    2,
    false,
    { en: 'License does not have enough base licenses', de: 'Lizenz hat nicht genügend Basislizenzen' },
    {
      en: 'There are more upgrade or update licences than base licences. Does not arise for Microsoft 365.',
      de: 'Es gibt mehr Upgrade- oder Update-Lizenzen als Basislizenzen. Kommt bei Microsoft 365 nicht vor.',
    },
  ),
  entry(
    'upgrade-right',
    1,
    false,
    { en: 'Can use right to new version', de: 'Kann Recht auf neue Version nutzen' },
    {
      en: 'An upgrade to a newer version was found in the software catalogue. Does not arise for Microsoft 365.',
      de: 'Im Softwarekatalog wurde ein Upgrade auf eine neuere Version gefunden. Kommt bei Microsoft 365 nicht vor.',
    },
  ),
];

const byId = new Map(statuses.map((status) => [status.id, status]));

export const isStatusId = (value: string): value is StatusId => byId.has(value as StatusId);

export const statusOf = (id: StatusId): StatusEntry => {
  const found = byId.get(id);
  if (found === undefined) throw new RangeError(`No status ${id}`);
  return found;
};

/** Whether going from one status to the other makes things worse. */
export const turnedWorse = (from: StatusId, to: StatusId): boolean => statusOf(to).rank > statusOf(from).rank;
