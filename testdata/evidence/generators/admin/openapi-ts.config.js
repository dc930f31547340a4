/** one list is no literal: the whole API is assumed */
module.exports = {
  input: { path: '../specs/billing.json' },
  output: 'src/billing',
  parser: { filters: { operations: { include: [...shared, 'GET /bills'] } } },
}
