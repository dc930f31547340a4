package workflows

import (
	"strings"

	"github.com/rhysd/actionlint"
)

// maxExpression is GitHub's own limit on an expression (MaxLength of
// ExpressionConstants in actions/runner). It also bounds the depth of what is parsed
// here.
const maxExpression = 21_000

// piece is a part of a text: plain, or an expression.
type piece struct {
	text string
	node actionlint.ExprNode // nil for plain text
}

// pieces splits a text at its ${{ }}; nil where an expression can't be read, or the
// text is empty.
func pieces(text string) (all []piece) {
	for {
		plain, rest, found := strings.Cut(text, "${{")
		if plain != "" {
			all = append(all, piece{text: plain})
		}
		if !found {
			return all
		}
		if len(rest) > maxExpression {
			rest = rest[:maxExpression]
		}
		lexer := actionlint.NewExprLexer(rest)
		node, err := actionlint.NewExprParser().Parse(lexer)
		if err != nil {
			return nil
		}
		all = append(all, piece{node: node})
		text = text[len(plain)+len("${{")+lexer.Offset():]
	}
}

// condition reads what stands at if, where ${{ }} may be left out.
func condition(text string) actionlint.ExprNode {
	if strings.Contains(text, "${{") {
		if all := pieces(strings.TrimSpace(text)); len(all) == 1 {
			return all[0].node
		}
		return nil
	}
	if len(text) > maxExpression {
		return nil
	}
	node, err := actionlint.NewExprParser().Parse(actionlint.NewExprLexer(text + "}}"))
	if err != nil {
		return nil
	}
	return node
}

// property gives the way of a.b['c'] in lower case, nil for anything else.
func property(node actionlint.ExprNode) []string {
	switch n := node.(type) {
	case *actionlint.VariableNode:
		return []string{strings.ToLower(n.Name)}
	case *actionlint.ObjectDerefNode:
		if way := property(n.Receiver); way != nil {
			return append(way, strings.ToLower(n.Property))
		}
	case *actionlint.IndexAccessNode:
		if index, ok := n.Index.(*actionlint.StringNode); ok {
			if way := property(n.Operand); way != nil {
				return append(way, strings.ToLower(index.Value))
			}
		}
	}
	return nil
}

// is says whether a way is a dotted one.
func is(way []string, dotted string) bool { return strings.Join(way, ".") == dotted }
