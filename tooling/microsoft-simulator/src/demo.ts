/** Where the default tenant is found; its secret is not here, because it is new on every start. */
export const demoTenant = {
  tenantId: '0f6e2d5a-9c3b-4b7e-8a41-5d2c7b1e9f60',
  clientId: '7b1c4e92-35d8-4f0a-b6c7-2e9d8a5f1304',
  domain: 'example-industries.onmicrosoft.com',
  displayName: 'Example Industries',
} as const;
