package answers

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"

	commandtext "plimsoll/checks/text/command"
	"plimsoll/config"
	"plimsoll/contracts"
	"plimsoll/contracts/impact"
	"plimsoll/handlers/work"
)

// CanRemoveCommand answers `/plimsoll can-remove OPERATION [FIELD] [--sends]` that was
// given in a repository: about an API that it provides. The answer is for everybody
// who may read the repository, so that on a public one private consumers are counted.
func (a *Answerer) CanRemoveCommand(ctx context.Context, c work.Command) (commandtext.Answer, error) {
	repo := c.Repository
	removal, ok := parseRemoval(c.Rest)
	if !ok {
		return commandtext.CanRemoveUsage(), nil
	}
	registration, err := a.deps.Store.Registration(ctx, repo.Installation, repo.ID)
	if errors.Is(err, fs.ErrNotExist) {
		return commandtext.CanRemoveNothing(), nil
	}
	if err != nil {
		return commandtext.Answer{}, err
	}
	var wrong error
	for _, component := range registration.Components {
		for _, provided := range component.Provides {
			api := contracts.APIRef{Repository: repo, Name: provided.API}
			asked, err := a.CanRemove(ctx, RemoveQuestion{API: api, Removal: removal})
			if bad, ok := errors.AsType[*commandtext.BadQuestion](err); ok {
				wrong = errors.Join(wrong, bad) // another API of the repository may have it
				continue
			}
			if err != nil {
				return commandtext.Answer{}, err
			}
			reasons := contracts.SeenBy(asked.Reasons, func(v contracts.AnswerVersion) bool {
				return repo.MayNameVersion(v) && registration.Repository.MayNameVersion(v) // who may read it counts as it is now
			})
			contracts.SortReasons(reasons)
			return commandtext.CanRemoveReply(a.deps.WebURL, api.FullName(), removal, asked.Answer, reasons), nil
		}
	}
	if wrong == nil {
		return commandtext.CanRemoveNothing(), nil
	}
	return commandtext.CanRemoveRefused(wrong), nil
}

// removalMethods are the words that an operation may begin with.
var removalMethods = append(slices.Clone(config.Methods), "WEBHOOK", "CALLBACK", "*")

// parseRemoval reads OPERATION [FIELD] [--sends]; the operation may stand in quotes or
// backquotes, and so may the field.
func parseRemoval(rest string) (impact.Removal, bool) {
	var r impact.Removal
	words := quotedFields(rest)
	words = slices.DeleteFunc(words, func(word string) bool {
		sends := word == "--sends"
		r.Sends = r.Sends || sends
		return sends
	})
	if len(words) > 1 && slices.Contains(removalMethods, strings.ToUpper(words[0])) {
		words = append([]string{words[0] + " " + words[1]}, words[2:]...)
	}
	if len(words) == 0 || len(words) > 2 {
		return r, false
	}
	if r.Operation = words[0]; len(words) == 2 {
		r.Field = words[1]
	}
	return r, r.Operation != "" && (r.Field != "" || !r.Sends)
}

// quotedFields parts words; what stands in quotes is one.
func quotedFields(text string) []string {
	var words []string
	for text = strings.TrimSpace(text); text != ""; text = strings.TrimSpace(text) {
		word, rest := "", ""
		quoted := false
		if first := text[:1]; strings.Contains("\"'`", first) {
			word, rest, quoted = strings.Cut(text[1:], first)
		}
		if !quoted {
			at := strings.IndexAny(text, " \t")
			if at < 0 {
				at = len(text)
			}
			word, rest = text[:at], text[at:]
		}
		words, text = append(words, word), rest
	}
	return words
}
