export { type AppliedCounts, applyCatalogue } from './catalogue/apply-catalogue.ts';
export { loadCatalogue, prepareCatalogue } from './catalogue/load-catalogue.ts';
export { productName } from './catalogue/names.ts';
export {
  type CatalogueCounts,
  type CatalogueInput,
  type CataloguePlan,
  type CatalogueState,
  newLicenceCount,
  planCatalogue,
} from './catalogue/plan-catalogue.ts';
export { nextSyncState, type SyncFacts } from './catalogue/sync-state.ts';
export { reserveLicenceNumbers } from './counters.ts';
export { catalogueErrors, catalogueNotices } from './errors.ts';
export { type EvidenceKey, keepEvidence, readEvidence, removeEvidence } from './evidence.ts';
export { catalogueMigrations } from './migrations.ts';
export * from './model.ts';
export { createContact, type NewContact } from './persons/create-contact.ts';
export { erasePerson } from './persons/erase-person.ts';
export { readCataloguePermission, seePersonsPermission } from './plugin/permissions.ts';
export { licenceCatalogPlugin } from './plugin.ts';
export { type DeletionItem, deleteUnsynced, previewDeletion } from './products/delete-products.ts';
export {
  consumerTypes,
  createProduct,
  moveProduct,
  type NewProduct,
  offeredConsumerTypes,
  renameProduct,
} from './products/edit-products.ts';
export { createFolder, deleteFolder, listFolders, renameFolder } from './products/folders.ts';
export { portalDeleted } from './products/portal-deleted.ts';
export {
  assignmentsOfPerson,
  holdersAsOf,
  type NamedHolder,
  type PersonAssignment,
  positionsAsOf,
} from './queries/as-of.ts';
export { type ConsumerCounts, countConsumers } from './queries/count-consumers.ts';
export { pageContacts } from './queries/page-contacts.ts';
export { likeText, type ProductQuestion, pageProducts } from './queries/page-products.ts';
export { describeProducts, type LicenceRecord, type ProductRecord, readProducts } from './queries/read-products.ts';
export {
  type Holder,
  type HolderQuestion,
  type HoldingPath,
  type PageOf,
  scanHolders,
} from './queries/scan-holders.ts';
export type { PortalIdentity, SubscriptionReading } from './readings.ts';
export { applySkuTitles } from './skus/apply-titles.ts';
export { type ListedSku, parseSkuTitles } from './skus/parse-titles.ts';
export { builtInSkus, type SkuClass } from './skus/sku-titles.ts';
export { allSkus, editSku, type Sku, skuTitles, unresolvedSkus } from './skus/titles.ts';
export { nthPerson, type PersonRange } from './stage/ranges.ts';
export { createStage } from './stage/stage.ts';
export * from './tables.ts';
