import { complianceEnginePlugin } from '@itsm-m365/compliance-engine';
import { licenceCatalogPlugin } from '@itsm-m365/licence-catalog';
import { m365ImportPlugin } from '@itsm-m365/m365-import';
import { mailOauthPlugin } from '@itsm-m365/mail-oauth';
import type { ServerPlugin } from '@itsm-m365/plugin-api';

/** Every plugin of the product. The one place that names them. */
export const allPlugins: readonly ServerPlugin[] = [
  licenceCatalogPlugin,
  m365ImportPlugin,
  complianceEnginePlugin,
  mailOauthPlugin,
];
