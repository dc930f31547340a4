package workflows

import "slices"

// job adds what the last job of a way deploys, if it does.
func (w *walker) job(f *frame, way []*Job) {
	entry, job := f.entry().workflow, way[len(way)-1]
	d := Deployment{Entry: entry, Callers: way[:len(way)-1], Workflow: f.workflow, Job: job, At: job.At, way: way}
	d.Sources, d.Dispatched = w.sources(f, job), w.truths.runsOn(way, run{event: "workflow_dispatch"})
	_, listening := entry.On("deployment")
	d.Listens = listening && w.truths.runsOn(way, run{event: "deployment"}) && slices.ContainsFunc(d.Sources, isDeployments)
	switch {
	case job.Environment != nil && !job.Environment.Silent:
		d.At = job.Environment.At
		d.to(w.follow.text(job.Environment.Name, f, job, nil))
	case len(job.Creates) > 0:
		d.At = job.Creates[0].At
		for _, creation := range job.Creates {
			d.to(w.follow.text(creation.Environment, f, job, nil))
		}
	case d.Listens:
		d.Open = true
	default:
		return
	}
	if _, ok := entry.On("workflow_dispatch"); ok && d.Dispatched {
		for _, source := range d.Sources {
			if d.Commit == nil {
				d.Commit = commit(source.ref)
			}
		}
		if d.Commit == nil {
			d.Uses = w.uses(f, job)
		}
	}
	w.concurrency(&d, f, way)
	w.found = append(w.found, d)
}

func (d *Deployment) to(f flow) {
	for _, name := range f.literals {
		if name != "" && !slices.Contains(d.Environments, name) {
			d.Environments = append(d.Environments, name)
		}
	}
	d.Open, d.Unsteady = d.Open || f.open, d.Unsteady || f.perRun
}

// isDeployments says whether a checkout takes the commit of the event's deployment:
// by its own words, by github.sha and the like, which name it, or as the default.
func isDeployments(s Source) bool { return s.ref.own || slices.Contains(s.ref.literals, "") }

// commit is the first input that a ref is made from and that can hold a commit; nil
// where there is none. A choice, a switch or an environment can't.
func commit(ref flow) *Input {
	for _, input := range ref.inputs {
		if input.Type == "string" {
			return &input
		}
	}
	return nil
}

// uses finds the first step that an input of workflow_dispatch goes into which can
// hold a commit: as an input of its action, in its env, in its script, or in the env
// of the job. The jobs that the job waits for count as well.
func (w *walker) uses(f *frame, job *Job) *Use {
	for _, j := range append([]*Job{job}, w.needs(f.workflow, job)...) {
		for _, each := range j.texts {
			if input := commit(w.follow.text(each.text, f, j, each.step)); input != nil {
				return &Use{At: each.at, Input: *input}
			}
		}
	}
	return nil
}

// sources are the checkouts that say what a job deploys: its own, or
// without any those of the jobs that it waits for, which build what it deploys, or
// without any those that its caller waits for.
func (w *walker) sources(f *frame, job *Job) []Source {
	for ; job != nil; f, job = f.up, f.caller {
		if refs := w.checkouts(f, job); len(refs) > 0 {
			return refs
		}
		var refs []Source
		for _, needed := range w.needs(f.workflow, job) {
			refs = append(refs, w.built(f, needed, 1)...)
		}
		if len(refs) > 0 {
			return refs
		}
	}
	return nil
}

// built are a job's checkouts, those of the workflow that it calls
// included.
func (w *walker) built(f *frame, job *Job, depth int) []Source {
	if w.visits++; w.visits > maxVisits {
		return nil
	}
	refs := w.checkouts(f, job)
	if next := w.set.called(job.Call); next != nil && depth < maxCalls && !f.inside(next) {
		below := &frame{workflow: next, caller: job, up: f}
		for _, each := range next.Jobs {
			refs = append(refs, w.built(below, each, depth+1)...)
		}
	}
	return refs
}

func (w *walker) checkouts(f *frame, job *Job) []Source {
	var refs []Source
	for i := range job.Checkouts {
		each := &job.Checkouts[i]
		refs = append(refs, Source{Workflow: f.workflow, Job: job, Checkout: each, ref: w.follow.text(each.Ref, f, job, each.step)})
	}
	return refs
}

// needs are the jobs that a job waits for, directly or not, in the order of the
// file; a circle, which GitHub refuses, ends where it began.
func (w *walker) needs(in *Workflow, job *Job) []*Job {
	have := map[*Job]bool{}
	var visit func(*Job)
	visit = func(j *Job) {
		for _, id := range j.Needs {
			w.visits++
			if next := in.Job(id); next != nil && next != job && !have[next] && w.visits <= maxVisits {
				have[next] = true
				visit(next)
			}
		}
	}
	visit(job)
	if len(have) == 0 {
		return nil
	}
	var all []*Job
	for _, each := range in.Jobs {
		if have[each] {
			all = append(all, each)
		}
	}
	return all
}

// concurrency finds what keeps two of these from running at once: on the job, on a
// workflow of the way, or on a job that calls. A group with the run's number or the
// commit in it is another one each time.
//
// https://docs.github.com/en/actions/how-tos/write-workflows/choose-when-workflows-run/control-workflow-concurrency
func (w *walker) concurrency(d *Deployment, f *frame, way []*Job) {
	consider := func(c *Concurrency, f *frame, job *Job) {
		switch {
		case c == nil:
		case w.follow.text(c.Group, f, job, nil).perRun:
			d.Differs = c
		case d.Concurrency == nil:
			d.Concurrency = c
		}
	}
	for i := len(way) - 1; i >= 0; i-- {
		consider(way[i].Concurrency, f, way[i])
		consider(f.workflow.Concurrency, f, nil)
		f = f.up
	}
}
