/** `free` and `viral` (taken by users themselves) cost nothing and are not managed; `trial` ends by itself. */
export type SkuClass = 'paid' | 'free' | 'viral' | 'trial';

export const skuClasses: readonly SkuClass[] = ['paid', 'free', 'viral', 'trial'];

export interface BuiltInSku {
  readonly sku: string;
  readonly partNumber: string;
  readonly title: string;
  readonly class: SkuClass;
}

/*
 * Common SKUs, so that a fresh installation shows names before the first refresh. Ids and titles as Microsoft prints
 * them in "Product names and service plan identifiers for licensing".
 */
const list: readonly (readonly [sku: string, partNumber: string, title: string, skuClass: SkuClass])[] = [
  ['6fd2c87f-b296-42f0-b197-1e91e994b900', 'ENTERPRISEPACK', 'Office 365 E3', 'paid'],
  ['c7df2760-2c81-4ef7-b578-5b5392b571df', 'ENTERPRISEPREMIUM', 'Office 365 E5', 'paid'],
  ['18181a46-0d4e-45cd-891e-60aabd171b4e', 'STANDARDPACK', 'Office 365 E1', 'paid'],
  ['05e9a617-0261-4cee-bb44-138d3ef5d965', 'SPE_E3', 'Microsoft 365 E3', 'paid'],
  ['06ebc4ee-1bb5-47dd-8120-11324bc54e06', 'SPE_E5', 'Microsoft 365 E5', 'paid'],
  ['66b55226-6b4f-492c-910c-a3b7a3c9d993', 'SPE_F1', 'Microsoft 365 F3', 'paid'],
  ['44575883-256e-4a79-9da4-ebe9acabe2b2', 'M365_F1', 'Microsoft 365 F1', 'paid'],
  ['4b585984-651b-448a-9e53-3b10f069cf7f', 'DESKLESSPACK', 'Office 365 F3', 'paid'],
  ['3b555118-da6a-4418-894f-7df1e2096870', 'O365_BUSINESS_ESSENTIALS', 'Microsoft 365 Business Basic', 'paid'],
  ['f245ecc8-75af-4f8e-b61f-27d8114de5f3', 'O365_BUSINESS_PREMIUM', 'Microsoft 365 Business Standard', 'paid'],
  ['cdd28e44-67e3-425e-be4c-737fab2899d3', 'O365_BUSINESS', 'Microsoft 365 Apps for Business', 'paid'],
  ['cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46', 'SPB', 'Microsoft 365 Business Premium', 'paid'],
  ['c2273bd0-dff7-4215-9ef5-2c7bcfb06425', 'OFFICESUBSCRIPTION', 'Microsoft 365 Apps for Enterprise', 'paid'],
  ['4b9405b0-7788-4568-add1-99614e613b69', 'EXCHANGESTANDARD', 'Exchange Online (Plan 1)', 'paid'],
  ['19ec0d23-8335-4cbd-94ac-6050e30712fa', 'EXCHANGEENTERPRISE', 'Exchange Online (Plan 2)', 'paid'],
  ['80b2d799-d2ba-4d2a-8842-fb0d0f3a4b82', 'EXCHANGEDESKLESS', 'Exchange Online Kiosk', 'paid'],
  [
    'ee02fd1b-340e-4a4b-b355-4a514e4c8943',
    'EXCHANGEARCHIVE_ADDON',
    'Exchange Online Archiving for Exchange Online',
    'paid',
  ],
  ['1fc08a02-8b3d-43b9-831e-f76859e04e1a', 'SHAREPOINTSTANDARD', 'SharePoint Online (Plan 1)', 'paid'],
  ['a9732ec9-17d9-494c-a51c-d6b45b384dcb', 'SHAREPOINTENTERPRISE', 'SharePoint Online (Plan 2)', 'paid'],
  ['e6778190-713e-4e4f-9119-8b8238de25df', 'WACONEDRIVESTANDARD', 'OneDrive for Business (Plan 1)', 'paid'],
  ['ed01faf2-1d88-4947-ae91-45ca18703a96', 'WACONEDRIVEENTERPRISE', 'OneDrive for Business (Plan 2)', 'paid'],
  ['078d2b04-f1bd-4111-bbd4-b4b1b354cef4', 'AAD_PREMIUM', 'Microsoft Entra ID P1', 'paid'],
  ['84a661c4-e949-4bd2-a560-ed7766fcaf2b', 'AAD_PREMIUM_P2', 'Microsoft Entra ID P2', 'paid'],
  ['efccb6f7-5641-4e0e-bd10-b4976e1bf68e', 'EMS', 'Enterprise Mobility + Security E3', 'paid'],
  ['b05e124f-c7cc-45a0-a6aa-8cf78c946968', 'EMSPREMIUM', 'Enterprise Mobility + Security E5', 'paid'],
  ['061f9ace-7d42-4136-88ac-31dc755f143f', 'INTUNE_A', 'Intune', 'paid'],
  ['4ef96642-f096-40de-a3e9-d83fb2f90211', 'ATP_ENTERPRISE', 'Microsoft Defender for Office 365 (Plan 1)', 'paid'],
  ['3dd6cf57-d688-4eed-ba52-9e40b5468c3e', 'THREAT_INTELLIGENCE', 'Microsoft Defender for Office 365 (Plan 2)', 'paid'],
  ['26124093-3d78-432b-b5dc-48bf992543d5', 'IDENTITY_THREAT_PROTECTION', 'Microsoft 365 E5 Security', 'paid'],
  ['184efa21-98c3-4e5d-95ab-d07053a96e67', 'INFORMATION_PROTECTION_COMPLIANCE', 'Microsoft 365 E5 Compliance', 'paid'],
  ['111046dd-295b-4d6d-9724-d52ac90bd1f2', 'WIN_DEF_ATP', 'Microsoft Defender for Endpoint', 'paid'],
  ['c52ea49f-fe5d-4e95-93ba-1de91d380f89', 'RIGHTSMANAGEMENT', 'Azure Information Protection Plan 1', 'paid'],
  ['f8a1db68-be16-40ed-86d5-cb42ce701560', 'POWER_BI_PRO', 'Power BI Pro', 'paid'],
  ['c1d032e0-5619-4761-9b5c-75b6831e1711', 'PBI_PREMIUM_PER_USER', 'Power BI Premium Per User', 'paid'],
  ['b30411f5-fea1-4a59-9ad9-3db7c7ead579', 'POWERAPPS_PER_USER', 'Power Apps Premium', 'paid'],
  ['4a51bf65-409c-4a91-b845-1121b571cc9d', 'FLOW_PER_USER', 'Power Automate per user plan', 'paid'],
  ['53818b1b-4a27-454b-8896-0dba576410e6', 'PROJECTPROFESSIONAL', 'Planner and Project Plan 3', 'paid'],
  ['09015f9f-377f-4538-bbb5-f75ceb09358a', 'PROJECTPREMIUM', 'Project Online Premium', 'paid'],
  ['beb6439c-caad-48d3-bf46-0c82871e12be', 'PROJECT_P1', 'Planner Plan 1', 'paid'],
  ['c5928f49-12ba-48f7-ada3-0d743a3601d5', 'VISIOCLIENT', 'Visio Plan 2', 'paid'],
  ['4b244418-9658-4451-a2b8-b5e2b364e9bd', 'VISIOONLINE_PLAN1', 'Visio Plan 1', 'paid'],
  ['e43b5b99-8dfb-405f-9987-dc307f34bcbd', 'MCOEV', 'Microsoft Teams Phone Standard', 'paid'],
  ['0c266dff-15dd-4b49-8397-2bb16070ed52', 'MCOMEETADV', 'Microsoft 365 Audio Conferencing', 'paid'],
  ['0dab259f-bf13-4952-b7f8-7db8f131b28d', 'MCOPSTN1', 'Skype for Business PSTN Domestic Calling', 'paid'],
  [
    'd3b4fe1f-9992-4930-8acb-ca6ec609365e',
    'MCOPSTN2',
    'Skype for Business PSTN Domestic and International Calling',
    'paid',
  ],
  ['6070a4c8-34c6-4937-8dfb-39bbc6397a60', 'MEETING_ROOM', 'Microsoft Teams Rooms Standard', 'paid'],
  ['4cde982a-ede4-4409-9ae6-b003453c8ea6', 'Microsoft_Teams_Rooms_Pro', 'Microsoft Teams Rooms Pro', 'paid'],
  [
    '36a0f3b3-adb5-49ea-bf66-762134cf063a',
    'Microsoft_Teams_Premium',
    'Microsoft Teams Premium Introductory Pricing',
    'paid',
  ],
  ['4b590615-0888-425a-a965-b3bf7789848d', 'M365EDU_A3_FACULTY', 'Microsoft 365 A3 for Faculty', 'paid'],
  ['e97c048c-37a4-45fb-ab50-922fbf07a370', 'M365EDU_A5_FACULTY', 'Microsoft 365 A5 for faculty', 'paid'],
  ['6a0f6da5-0b87-4190-a6ae-9bb5a2b9546a', 'WIN10_VDA_E3', 'Windows 10/11 Enterprise E3', 'paid'],
  ['cb10e6cd-9da4-4992-867b-67546b1db821', 'WIN10_PRO_ENT_SUB', 'Windows 10/11 Enterprise E3', 'paid'],
  [
    '1e1a282c-9c54-43a2-9310-98ef728faace',
    'DYN365_ENTERPRISE_SALES',
    'Dynamics 365 for Sales Enterprise Edition',
    'paid',
  ],
  ['639dec6b-bb19-468b-871c-c5c441c4b0cb', 'Microsoft_365_Copilot', 'Microsoft Copilot for Microsoft 365', 'paid'],
  ['32b47245-eb31-44fc-b945-a8b1576c439f', 'SPE_F5_SECCOMP', 'Microsoft 365 F5 Security + Compliance Add-on', 'paid'],
  ['7e74bd05-2c47-404e-829a-ba95c66fe8e5', 'Microsoft_Teams_EEA_New', 'Microsoft Teams EEA', 'paid'],
  ['dcf0408c-aaec-446c-afd4-43e3683943ea', 'Microsoft_365_E3_(no_Teams)', 'Microsoft 365 E3 (no Teams)', 'paid'],
  ['18a4bd3f-0b5b-4887-b04f-61dd0ee15f5e', 'Microsoft_365_E5_(no_Teams)', 'Microsoft 365 E5 (no Teams)', 'paid'],
  ['46c3a859-c90d-40b3-9551-6178a48d5c18', 'Office_365_E3_(no_Teams)', 'Office 365 E3 (no Teams)', 'paid'],
  ['e2aebe6c-897d-480f-9d62-fff1381581f7', 'CPC_E_2C_8GB_128GB', 'Windows 365 Enterprise 2 vCPU 8 GB 128 GB', 'paid'],
  ['9f3d9c1d-25a5-4aaa-8e59-23a1e6450a67', 'UNIVERSAL_PRINT', 'Universal Print', 'paid'],
  ['f30db892-07e9-47e9-837c-80727f46fd3d', 'FLOW_FREE', 'Microsoft Power Automate Free', 'free'],
  ['a403ebcc-fae0-4ca2-8c8c-7a907fd6c235', 'POWER_BI_STANDARD', 'Microsoft Fabric (Free)', 'free'],
  ['16ddbbfc-09ea-4de2-b1d7-312db6112d70', 'TEAMS_FREE', 'Microsoft Teams (Free)', 'free'],
  ['6470687e-a428-4b7a-bef2-8a291ad947c9', 'WINDOWS_STORE', 'Windows Store for Business', 'free'],
  ['90d8b3f8-712e-4f7b-aa1e-62e7ae6cbe96', 'SMB_APPS', 'Business Apps (free)', 'free'],
  ['1f2f344a-700d-42c9-9427-5cea1d5d7ba6', 'STREAM', 'Microsoft Stream', 'free'],
  ['6af4b3d6-14bb-4a2a-960c-6c902aad34f3', 'Microsoft_Teams_Rooms_Basic', 'Microsoft Teams Rooms Basic', 'free'],
  ['47794cd0-f0e5-45c5-9033-2eb6b5fc84e0', 'MCOPSTNC', 'Communications Credits', 'free'],
  ['440eaaa8-b3e0-484b-a8be-62870b9ba70a', 'PHONESYSTEM_VIRTUALUSER', 'Microsoft Teams Phone Resource Account', 'free'],
  ['726a0894-2c77-4d65-99da-9775ef05aad1', 'MICROSOFT_BUSINESS_CENTER', 'Microsoft Business Center', 'free'],
  ['314c4481-f395-4525-be8b-2ec4bb1e9d91', 'STANDARDWOFFPACK_STUDENT', 'Office 365 A1 for students', 'free'],
  ['94763226-9b3c-4e75-a931-5c89701abe66', 'STANDARDWOFFPACK_FACULTY', 'Office 365 A1 for faculty', 'free'],
  ['8c4ce438-32a7-4ac5-91a6-e22ae08d9c8b', 'RIGHTSMANAGEMENT_ADHOC', 'Rights Management Adhoc', 'viral'],
  ['5b631642-bd26-49fe-bd20-1daaa972ef80', 'POWERAPPS_DEV', 'Microsoft Power Apps for Developer', 'viral'],
  ['dcb1a3ae-b33f-4487-846a-a640262fadf4', 'POWERAPPS_VIRAL', 'Microsoft Power Apps Plan 2 Trial', 'viral'],
  ['710779e8-3d4a-4c88-adb9-386c958d1fdf', 'TEAMS_EXPLORATORY', 'Microsoft Teams Exploratory', 'viral'],
  ['29a2f828-8f39-4837-b8ff-c957e86abe3c', 'TEAMS_COMMERCIAL_TRIAL', 'Microsoft Teams Commercial Cloud', 'viral'],
  ['606b54a9-78d8-4298-ad8b-df6ef4481c80', 'CCIBOTS_PRIVPREV_VIRAL', 'Microsoft Copilot Studio Viral Trial', 'viral'],
  ['3f9f06f5-3c31-472c-985f-62d9c10ec167', 'Power_Pages_vTrial_for_Makers', 'Power Pages vTrial for Makers', 'viral'],
  [
    '1e615a51-59db-4807-9957-aa83c3657351',
    'Dynamics_365_Customer_Service_Enterprise_viral_trial',
    'Dynamics 365 Customer Service Enterprise Viral Trial',
    'viral',
  ],
  [
    '6ec92958-3cc1-49db-95bd-bc6b3798df71',
    'Dynamics_365_Sales_Premium_Viral_Trial',
    'Dynamics 365 Sales Premium Viral Trial',
    'viral',
  ],
  [
    '036c2481-aa8a-47cd-ab43-324f0c157c2d',
    'DYN365_CUSTOMER_INSIGHTS_VIRAL',
    'Dynamics 365 Customer Insights vTrial',
    'viral',
  ],
  ['bc946dac-7877-4271-b2f7-99d2db13cd2c', 'FORMS_PRO', 'Dynamics 365 Customer Voice Trial', 'trial'],
  ['1508ad2d-5802-44e6-bfe8-6fb65de63d28', 'DYN365_RETAIL_TRIAL', 'Dynamics 365 Commerce Trial', 'trial'],
  ['fcecd1f9-a91e-488d-a918-a96cdb6ce2b0', 'AX7_USER_TRIAL', 'Microsoft Dynamics AX7 User Trial', 'trial'],
];

export const builtInSkus: ReadonlyMap<string, BuiltInSku> = new Map(
  list.map(([sku, partNumber, title, skuClass]) => [sku, { sku, partNumber, title, class: skuClass }]),
);

/** The shipped class of a SKU: by the list, else by what Microsoft writes into part numbers. */
export const shippedClass = (sku: string, partNumber: string): SkuClass => {
  const known = builtInSkus.get(sku);
  if (known !== undefined) return known.class;
  const words = partNumber.toLowerCase();
  if (words.includes('viral') || words.includes('vtrial')) return 'viral';
  if (words.split('_').includes('trial')) return 'trial';
  return words.split('_').includes('free') ? 'free' : 'paid';
};
