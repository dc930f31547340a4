package contracts

// Nearest gives, by fingerprint, the place at the head that is nearest to a
// change which has none there: where what held the removed thing now stands. A
// change whose holder has gone as well has no entry.
func (c *Comparison) Nearest() map[string]Position {
	near := map[string]Position{}
	for _, f := range c.found {
		if f.Source.Head != nil {
			continue
		}
		for _, at := range f.pairs {
			if holder := c.pairs[at].h; holder.Valid() {
				near[f.Fingerprint] = position(holder)
				break
			}
		}
	}
	return near
}
