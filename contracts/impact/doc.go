// Package impact answers questions about the use of an API from what was judged:
//
//   - ProviderQuestion, ConsumerQuestion: may this version be deployed to an environment?
//   - RemovalQuestion, Without: may an operation or a field be removed?
//   - Deprecations: which deprecated parts of a contract does a consumer use?
//
// An answer is yes, no or unknown, with typed reasons. What is not known never counts as
// a yes. The sentences that users read are not written here.
package impact
