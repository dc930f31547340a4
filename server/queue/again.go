package queue

// Again tells whether the job was begun before: by an attempt that failed, was
// snoozed, or ended with its process. What that one has done outside the database
// is not known.
func (j Job) Again() bool { return j.fence > 1 }
