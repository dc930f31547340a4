// Package contracttext writes the contracts check of a pull request: the check run, the
// comment, and the sentences about changes, uses and answers that other reports quote.
//
//	Report ──newView──▶ view ──┬──▶ ContractReport  ──▶ checks.CheckRun
//	(plain values)   (ordered, └──▶ ContractComment ──▶ checks.Comment
//	                  private consumers taken out)
//
// All texts are written from the view, so that none can name a consumer that another
// leaves out.
package contracttext
