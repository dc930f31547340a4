// Package answers answers can-i-deploy and can-remove from the registry.
package answers
