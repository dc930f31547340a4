package handlers

import (
	"encoding/json"
	"fmt"
	"slices"

	"plimsoll/handlers/work"
)

// releaseActions change which releases live on.
var releaseActions = []string{"released", "published", "unpublished", "deleted", "edited", "prereleased"}

// routeLive tells where an event on what runs belongs: those of one repository are
// handled one at a time, and only those on the same deployment or release are merged.
func routeLive(route Route, payload []byte) (Route, error) {
	var e struct {
		Action     string `json:"action"`
		Deployment struct {
			ID int64 `json:"id"`
		} `json:"deployment"`
		Release struct {
			ID int64 `json:"id"`
		} `json:"release"`
	}
	if err := json.Unmarshal(payload, &e); err != nil {
		return Route{}, fmt.Errorf("read the %s payload: %w", route.Kind, err)
	}
	subject := e.Deployment.ID
	if route.Kind == "release" {
		subject = e.Release.ID
		if !slices.Contains(releaseActions, e.Action) {
			return ignored(route, "action "+e.Action), nil
		}
	}
	if subject <= 0 {
		return ignored(route, "names nothing"), nil
	}
	route.Key = work.RepositoryKey(route.Repository)
	route.Kind = fmt.Sprintf("%s/%d", route.Kind, subject)
	return route, nil
}
