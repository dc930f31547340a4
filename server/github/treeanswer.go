package github

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"plimsoll/contracts"
)

// treeEntry is one line of GitHub's answer.
type treeEntry struct {
	Path string `json:"path"`
	Mode string `json:"mode"`
	Type string `json:"type"` // blob, tree, commit
	SHA  string `json:"sha"`
	Size int64  `json:"size"`
}

type treeAnswer struct {
	SHA       string
	Entries   []treeEntry
	Truncated bool
}

func (c *Clients) fetchTree(ctx context.Context, repo contracts.RepositoryRef, sha string, recursive bool) (*treeAnswer, error) {
	client, err := c.forRepository(repo)
	if err != nil {
		return nil, err
	}
	path := "repos/" + repo.FullName() + "/git/trees/" + sha
	if recursive {
		path += "?recursive=1"
	}
	req, err := client.NewRequest("GET", path, nil, notCached)
	if err != nil {
		return nil, &Error{Class: ClassPermanent, Message: "make request: " + err.Error(), Err: err}
	}
	res, err := client.BareDo(ctx, req)
	if err := c.failure(ctx, err); err != nil {
		return nil, err
	}
	defer res.Body.Close()
	answer, err := decodeTree(res.Body)
	if err := c.failure(ctx, err); err != nil {
		return nil, err
	}
	if answer.SHA == "" {
		return nil, incomplete("tree")
	}
	return answer, nil
}

// decodeTree reads the answer entry by entry: as a whole, 25 MB of it would have to
// lie in memory beside what they become. More than MaxFiles are not kept.
func decodeTree(r io.Reader) (*treeAnswer, error) {
	answer := new(treeAnswer)
	decoder := json.NewDecoder(r)
	if err := expect(decoder, '{'); err != nil {
		return nil, err
	}
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			return nil, err
		}
		switch key {
		case "sha":
			err = decoder.Decode(&answer.SHA)
		case "truncated":
			err = decoder.Decode(&answer.Truncated)
		case "tree":
			answer.Entries, err = decodeEntries(decoder)
		default:
			var skipped json.RawMessage
			err = decoder.Decode(&skipped)
		}
		if err != nil {
			return nil, err
		}
	}
	return answer, expect(decoder, '}')
}

func decodeEntries(decoder *json.Decoder) ([]treeEntry, error) {
	token, err := decoder.Token()
	if err != nil || token == nil { // null: nothing
		return nil, err
	}
	if token != json.Delim('[') {
		return nil, fmt.Errorf("found %v in place of a list", token)
	}
	var entries []treeEntry
	for decoder.More() {
		var entry treeEntry
		if err := decoder.Decode(&entry); err != nil {
			return nil, err
		}
		if len(entries) == MaxFiles {
			return nil, tooManyFiles()
		}
		entries = append(entries, entry)
	}
	return entries, expect(decoder, ']')
}

func expect(decoder *json.Decoder, delimiter json.Delim) error {
	token, err := decoder.Token()
	if err == nil && token != delimiter {
		err = fmt.Errorf("found %v in place of %v", token, delimiter)
	}
	return err
}
