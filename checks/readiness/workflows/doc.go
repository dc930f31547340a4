// Package workflows reads a repository's GitHub Actions workflows: what deploys,
// whether two deployments can run at once, and what can deploy an earlier commit.
// It gives facts and evaluates nothing; the rules of readiness do.
//
//	Parse (one file) ──▶ Workflow ─┐
//	Parse (…)        ──▶ Workflow ─┴─ NewSet ──▶ Set.Deployments: entry → calls → job
//
// # What deploys
//
// A job deploys where GitHub makes a deployment for it, or of it:
//   - it names an environment (unless with deployment: false),
//     https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idenvironment
//   - or its workflow runs on the event deployment and it checks the commit out,
//     https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows#deployment
//   - or a step of it is an action whose whole purpose is to make a deployment
//     ([deploymentActions]; the list is short, and exact).
//
// Names of workflows, jobs and steps, comments and scripts are never read for
// words: a job called "rollback" rolls nothing back, and a script that may deploy
// is not guessed at.
//
// # What can roll back
//
// A deployment can go back to any commit where the commit that the job checks out
// comes from the person who starts it: an input of workflow_dispatch, of type string,
// that flows by expressions into the ref of actions/checkout (through the inputs
// of called workflows, env, outputs of jobs, format, &&, ||), or the deployment
// that set off the event. Choosing a branch or a tag to run from is no such input:
// https://docs.github.com/en/actions/how-tos/manage-workflow-runs/manually-run-a-workflow
// What passes through a step's output is not followed.
//
// An input that goes into another step of the deploying job ([Deployment].Uses) may
// say the commit too, as the tag of an image; it may as well be a remark. Whether it
// does is for the repository to declare.
//
// Nothing is run and nothing is fetched. The package knows neither GitHub's API
// nor the repository file.
package workflows
