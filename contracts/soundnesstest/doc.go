// Package soundnesstest looks for documents that prove an "unaffected" wrong. It has tests
// only: a random contract, a random change and a random use go through the front door of
// the engine, and a JSON Schema validator that shares no code with it decides which
// documents either version of the contract allows.
package soundnesstest
