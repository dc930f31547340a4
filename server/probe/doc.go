// Package probe makes one HTTP request to an environment and says whether the answer is
// the expected one.
//
//	address and path ─▶ target ─▶ operator's list ─▶ resolve ─▶ every address public,
//	(untrusted)            ▲                                    or its range listed
//	                       │                                          │
//	                  redirect, ≤ 3                            connect: checked once
//	                       │                                   more in ControlContext
//	                       └──────────── answer ◀─────────────────────┘
//
// Where the request goes may be chosen by an outsider (environment_url of a deployment).
// So the operator lists the hosts, the address that is really connected to is checked, and
// little of the answer is reported. What is allowed:
//
//   - a host by name: it is on the list, and all its addresses are public or in a range
//     of the list;
//   - a host by address: it is in a range of the list;
//   - an address that is not public only where the range of the list is no wider than
//     the range that makes it special (10.0.0.0/8 opens 10.1.2.3, 0.0.0.0/0 does not);
//     0.0.0.0/8, multicast and reserved ones never;
//   - an IPv6 address that carries an IPv4 one (NAT64, 6to4, Teredo, ISATAP) only if both
//     are allowed;
//   - the ports 80 and 443, and those above 1023 that are no other protocol's.
//
// The package must not know GitHub or databases. It takes no proxy from the environment,
// keeps no connection and no cookie.
package probe
