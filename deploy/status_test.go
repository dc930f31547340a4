package deploy_test

import (
	"reflect"
	"slices"
	"testing"

	"plimsoll/deploy"
)

func TestReported(t *testing.T) {
	asked := deploy.Deployment{ID: 1, Commit: "c", Environment: "production", State: deploy.Errored, Status: 99, SucceededAt: at(50), URL: "old"}
	for name, each := range map[string]struct {
		statuses []deploy.Status
		want     deploy.Deployment
	}{
		"nothing reported": {nil, deploy.Deployment{}},
		"success after a start": {
			[]deploy.Status{{ID: 1, State: deploy.InProgress, At: at(1)}, {ID: 2, State: deploy.Success, At: at(2), URL: "https://here"}},
			deploy.Deployment{State: deploy.Success, StateAt: at(2), Status: 2, SucceededAt: at(2), StartedAt: at(1), URL: "https://here"},
		},
		"what it was last counts, and when it last succeeded": {
			[]deploy.Status{{ID: 1, State: deploy.Success, At: at(1), URL: "https://a"}, {ID: 2, State: deploy.Success, At: at(2)}, {ID: 3, State: deploy.Inactive, At: at(3)}},
			deploy.Deployment{State: deploy.Inactive, StateAt: at(3), Status: 3, SucceededAt: at(2), URL: "https://a"},
		},
		"it started after it had succeeded before": {
			[]deploy.Status{{ID: 1, State: deploy.InProgress, At: at(1)}, {ID: 2, State: deploy.Success, At: at(2)}, {ID: 3, State: deploy.InProgress, At: at(3)}, {ID: 4, State: deploy.InProgress, At: at(4)}, {ID: 5, State: deploy.Success, At: at(5)}},
			deploy.Deployment{State: deploy.Success, StateAt: at(5), Status: 5, SucceededAt: at(5), StartedAt: at(3)},
		},
		"our own word is none": {
			[]deploy.Status{{ID: 1, State: deploy.Success, At: at(1)}, {ID: 2, State: deploy.Failure, At: at(2), Own: true, URL: "https://evidence", Environment: "x"}},
			deploy.Deployment{State: deploy.Success, StateAt: at(1), Status: 1, SucceededAt: at(1)},
		},
		"another environment": {
			[]deploy.Status{{ID: 1, State: deploy.InProgress, At: at(1), Environment: "qa"}, {ID: 2, State: deploy.InProgress, At: at(2), Environment: "staging"}},
			deploy.Deployment{State: deploy.InProgress, StateAt: at(2), Status: 2, Environment: "staging"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			each.want.ID, each.want.Commit = asked.ID, asked.Commit
			if each.want.Environment == "" {
				each.want.Environment = asked.Environment
			}
			for range 2 { // in any order
				if got := asked.Reported(each.statuses); !reflect.DeepEqual(got, each.want) {
					t.Errorf("got %+v, expected %+v", got, each.want)
				}
				slices.Reverse(each.statuses)
			}
		})
	}
}
