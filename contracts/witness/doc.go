// Package witness builds the smallest concrete examples of what a change breaks: a
// response that the new contract allows and a consumer of the old one cannot read, or a
// request that the old contract allows and the new one refuses.
//
// An example is first constructed from the schemas on the way to the change, and then
// checked by a JSON Schema validator: under the contract that must allow it, and under the
// one that must refuse it, for a reason at the place of the change. What does not pass both
// checks is not an example. A contract is translated into JSON Schema draft 2020-12
// schema by schema, when a check first needs it.
package witness
