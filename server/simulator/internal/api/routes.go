package api

import (
	"maps"
	"slices"
)

// caller says who may make a call.
type caller int

const (
	anybody      caller = iota
	theApp              // with an App token (JWT)
	installation        // with an installation token
	aPerson             // with a person's token
	theClient           // with the App's client id and secret
)

// audience says what people may do with their own tokens.
type audience int

const (
	noPeople   audience = iota
	readers             // everybody who may read the repository
	themselves          // about the caller alone
)

// operation is how the simulator answers one of GitHub's operations. needs lists
// alternatives, each "permission:level"; one suffices. They are those of
// progAccess.permissions in github/docs, src/rest/data/fpt-2022-11-28.
type operation struct {
	by     caller
	needs  []string
	people audience
	ofApp  bool // of themselves: only with a user access token of the App
	free   bool // not counted against the rate limit
	git    bool // answers 409 while the repository is empty
	do     func(*call) reply
}

func asApp(do func(*call) reply) operation { return operation{by: theApp, do: do} }

func on(do func(*call) reply, needs ...string) operation {
	return operation{by: installation, needs: needs, do: do}
}

// ofCommits is on for operations that need a repository with something in it.
func ofCommits(do func(*call) reply) operation {
	return operation{by: installation, needs: []string{"contents:read"}, git: true, do: do}
}

// operations answers every operation of the description, by operationId. A test compares
// the two.
var operations = map[string]operation{}

func init() { // the handlers refer to the table through call
	maps.Copy(operations, appOperations())
	maps.Copy(operations, repositoryOperations())
	maps.Copy(operations, conversationOperations())
	maps.Copy(operations, statusOperations())
}

// appOperations are about the App itself, accounts and limits.
func appOperations() map[string]operation {
	return map[string]operation{
		"apps/create-from-manifest":                           {by: anybody, do: (*call).convertManifest},
		"apps/create-installation-access-token":               {by: theApp, free: true, do: (*call).createToken},
		"apps/get-authenticated":                              asApp((*call).getApp),
		"apps/get-installation":                               asApp((*call).getInstallation),
		"apps/get-org-installation":                           asApp((*call).getAccountInstallation),
		"apps/get-user-installation":                          asApp((*call).getAccountInstallation),
		"apps/get-repo-installation":                          asApp((*call).getRepositoryInstallation),
		"apps/get-webhook-config-for-app":                     asApp((*call).getHookConfig),
		"apps/get-webhook-delivery":                           asApp((*call).getDelivery),
		"apps/list-installations":                             asApp((*call).listInstallations),
		"apps/list-webhook-deliveries":                        asApp((*call).listDeliveries),
		"apps/redeliver-webhook-delivery":                     asApp((*call).redeliverDelivery),
		"apps/list-repos-accessible-to-installation":          on((*call).listInstallationRepositories, "metadata:read"),
		"apps/revoke-installation-access-token":               on((*call).revokeToken),
		"apps/delete-token":                                   {by: theClient, do: (*call).deleteUserToken},
		"apps/list-installation-repos-for-authenticated-user": {by: aPerson, people: themselves, ofApp: true, do: (*call).listUserRepositories},
		"apps/list-installations-for-authenticated-user":      {by: aPerson, people: themselves, ofApp: true, do: (*call).listUserInstallations},
		"orgs/get-membership-for-user":                        on((*call).getOrgMembership, "members:read"),
		"rate-limit/get":                                      {by: anybody, free: true, do: (*call).getRateLimit},
		"orgs/get":                                            {by: anybody, do: (*call).getOrganization},
		"users/get-by-username":                               {by: anybody, do: (*call).getUser},
		"users/get-authenticated":                             {by: aPerson, people: themselves, do: (*call).getAuthenticated},
		"teams/get-membership-for-user-in-org":                on((*call).getMembership, "members:read"),
	}
}

// repositoryOperations read repositories, git objects and releases.
func repositoryOperations() map[string]operation {
	return map[string]operation{
		"repos/get":                               {by: installation, people: readers, needs: []string{"metadata:read"}, do: (*call).getRepository},
		"repos/get-content":                       on((*call).getContent, "contents:read"),
		"repos/get-branch":                        on((*call).getBranch, "contents:read"),
		"repos/list-branches":                     on((*call).listBranches, "contents:read"),
		"repos/get-commit":                        ofCommits((*call).getCommit),
		"repos/list-commits":                      ofCommits((*call).listCommits),
		"repos/compare-commits-with-basehead":     on((*call).compare, "contents:read"),
		"repos/download-tarball-archive":          on((*call).getTarball, "contents:read"),
		"git/get-blob":                            ofCommits((*call).getBlob),
		"git/get-commit":                          ofCommits((*call).getGitCommit),
		"git/get-ref":                             ofCommits((*call).getRef),
		"git/get-tree":                            ofCommits((*call).getTree),
		"git/list-matching-refs":                  ofCommits((*call).listRefs),
		"repos/get-collaborator-permission-level": on((*call).getPermission, "metadata:read"),

		"repos/get-release":        on((*call).getRelease, "contents:read"),
		"repos/get-release-by-tag": on((*call).getReleaseByTag, "contents:read"),
		"repos/list-releases":      on((*call).listReleases, "contents:read"),
	}
}

// conversationOperations are about pull requests and issues.
func conversationOperations() map[string]operation {
	return map[string]operation{
		"pulls/get":          on((*call).getPull, "pull_requests:read"),
		"pulls/list":         on((*call).listPulls, "pull_requests:read"),
		"pulls/list-commits": on((*call).listPullCommits, "pull_requests:read"),
		"pulls/list-files":   on((*call).listPullFiles, "pull_requests:read"),
		"repos/list-pull-requests-associated-with-commit": on((*call).listCommitPulls, "pull_requests:read"),

		"issues/create":        on((*call).createIssue, "issues:write"),
		"issues/get":           on((*call).getIssue, "issues:read", "pull_requests:read"),
		"issues/list-for-repo": on((*call).listIssues, "issues:read", "pull_requests:read"),
		"issues/update":        on((*call).updateIssue, "issues:write", "pull_requests:write"),

		"issues/create-comment": on((*call).createComment, "issues:write", "pull_requests:write"),
		"issues/update-comment": on((*call).updateComment, "issues:write", "pull_requests:write"),
		"issues/delete-comment": on((*call).removeComment, "issues:write", "pull_requests:write"),
		"issues/get-comment":    on((*call).getComment, "issues:read", "pull_requests:read"),
		"issues/list-comments":  on((*call).listComments, "issues:read", "pull_requests:read"),

		"reactions/create-for-issue-comment": on((*call).createReaction, "issues:write", "pull_requests:write"),
		"reactions/delete-for-issue-comment": on((*call).deleteReaction, "issues:write", "pull_requests:write"),
		"reactions/list-for-issue-comment":   on((*call).listReactions, "issues:read", "pull_requests:read"),
	}
}

// statusOperations are about checks, statuses, deployments and workflow runs.
func statusOperations() map[string]operation {
	return map[string]operation{
		"checks/create":              on((*call).createRun, "checks:write"),
		"checks/update":              on((*call).updateRun, "checks:write"),
		"checks/get":                 on((*call).getRun, "checks:read"),
		"checks/list-annotations":    on((*call).listAnnotations, "checks:read"),
		"checks/list-for-ref":        on((*call).listRuns, "checks:read"),
		"checks/list-for-suite":      on((*call).listSuiteRuns, "checks:read"),
		"checks/get-suite":           on((*call).getSuite, "checks:read"),
		"checks/list-suites-for-ref": on((*call).listSuites, "checks:read"),
		"checks/rerequest-run":       on((*call).rerequestRun, "checks:write"),

		"repos/create-commit-status":        on((*call).createStatus, "statuses:write"),
		"repos/get-combined-status-for-ref": on((*call).getCombinedStatus, "statuses:read"),

		"repos/list-deployments":                    on((*call).listDeployments, "deployments:read"),
		"repos/get-deployment":                      on((*call).getDeployment, "deployments:read"),
		"repos/create-deployment":                   on((*call).createDeployment, "deployments:write"),
		"repos/list-deployment-statuses":            on((*call).listDeploymentStatuses, "deployments:read"),
		"repos/get-deployment-status":               on((*call).getDeploymentStatus, "deployments:read"),
		"repos/create-deployment-status":            on((*call).createDeploymentStatus, "deployments:write"),
		"repos/get-environment":                     on((*call).getEnvironment, "actions:read"),
		"repos/get-all-environments":                on((*call).listEnvironments, "actions:read"),
		"repos/get-all-deployment-protection-rules": on((*call).listProtectionRules, "actions:read"),

		"actions/get-workflow-run":                on((*call).getWorkflowRun, "actions:read"),
		"actions/get-pending-deployments-for-run": on((*call).listPendingDeployments, "actions:read"),
		"actions/list-workflow-runs-for-repo":     on((*call).listWorkflowRuns, "actions:read"),
		"actions/list-workflow-runs":              on((*call).listDispatched, "actions:read"),
		"actions/review-custom-gates-for-run":     on((*call).reviewGate, "deployments:write"),
		"actions/create-workflow-dispatch":        on((*call).dispatchWorkflow, "actions:write"),
	}
}

// Operations lists the ids of GitHub's operations that the API answers.
func Operations() []string { return slices.Sorted(maps.Keys(operations)) }
