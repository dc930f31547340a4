// Package checks writes everything that a user reads on GitHub and publishes it.
//
// Every text is a named function here; every limit of GitHub's is a named
// constant here and enforced by one function (fit); every word that came from a
// repository goes through one function (escape). It must not know databases or
// HTTP servers, and it has no GitHub client: what it needs of GitHub are the small
// interfaces [Runs] and [Comments].
//
//	Report ──newView──▶ view ──┬──▶ ContractReport  ──▶ CheckRun ──Publish──────▶ Runs
//	(plain values)   (ordered, └──▶ ContractComment ──▶ Comment  ──KeepComment──▶ Comments
//	                  private consumers taken out)
//
// All texts are written from the view, so that none can name what another has
// left out.
package checks
