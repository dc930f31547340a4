import { defineConfig } from '@hey-api/openapi-ts';

// defineConfig({ input: 'not-this' })
const shared = ['GET /extra'];

export default defineConfig({
  input: 'https://api.acme.dev/inventory/openapi.json',
  output: {
    path: './src/client',
    format: 'prettier', // nothing to see
  },
  parser: {
    filters: {
      operations: {
        include: ['GET /stock/{sku}', "post /stock", 'GET /stock/hidden'],
        exclude: ['GET /stock/hidden'],
      },
    },
  },
  plugins: [...defaults, { name: '@hey-api/sdk', asClass: true }],
});
