package apis

import (
	"context"
	"slices"
	"sync"

	"plimsoll/contracts"
	"plimsoll/contracts/impact"
	"plimsoll/contracts/openapi"
	"plimsoll/server/dashboard"
	"plimsoll/server/dashboard/inventory"
)

// shared keeps what is read of APIs for as long as the inventory that pages show: people who
// look at an API in the same seconds cost one reading. It knows nothing of who asks.
type shared struct {
	mu   sync.Mutex
	of   *inventory.Inventory
	apis map[contracts.APIRef]*known
}

// known is what was read of one API.
type known struct {
	mu   sync.Mutex
	read bool
	// versions are all versions of all consumers.
	versions  []contracts.Consumer
	consumers []consumer
	// contract is the one that the uses of deprecated parts were found in.
	contract *openapi.Contract
}

// consumer is a component that uses the API, with the deprecated parts that it uses.
type consumer struct {
	contracts.Consumer
	deprecated []impact.Deprecation
}

func (s *shared) api(of *inventory.Inventory, ref contracts.APIRef) *known {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.of != of {
		s.of, s.apis = of, map[contracts.APIRef]*known{}
	}
	if s.apis[ref] == nil {
		s.apis[ref] = &known{}
	}
	return s.apis[ref]
}

// list reads the consumers: of each component the version of the default branch, otherwise
// what runs. k.mu is held.
func (k *known) list(ctx context.Context, store Store, ref contracts.APIRef) error {
	if k.read {
		return nil
	}
	all, err := store.Consumers(ctx, ref)
	if err != nil {
		return err
	}
	type key struct {
		repository int64
		component  string
	}
	at := map[key]int{}
	for _, one := range all {
		of := key{one.Repository.ID, one.Component}
		i, ok := at[of]
		switch {
		case !ok:
			at[of] = len(k.consumers)
			k.consumers = append(k.consumers, consumer{Consumer: one})
		case one.Environment == "" && one.Release == "": // a second use of the same component
			k.consumers[i].Usage.Operations = append(slices.Clone(k.consumers[i].Usage.Operations), one.Usage.Operations...)
		}
	}
	k.versions, k.read = all, true
	return nil
}

// consumers lists what the visitor sees of the consumers of an API.
func (p *pages) consumers(r *dashboard.Request, ref contracts.APIRef) (shown []contracts.Consumer, err error) {
	k := p.shared.api(r.Inventory, ref)
	k.mu.Lock()
	defer k.mu.Unlock()
	if err := k.list(r.Context(), p.Store, ref); err != nil {
		return nil, err
	}
	for i := range k.consumers {
		if r.Sees(k.consumers[i].Repository.ID) {
			shown = append(shown, k.consumers[i].Consumer)
		}
	}
	return shown, nil
}

// versions lists all versions of all consumers of an API. It is not narrowed to what the visitor sees.
func (p *pages) versions(r *dashboard.Request, ref contracts.APIRef) ([]contracts.Consumer, error) {
	k := p.shared.api(r.Inventory, ref)
	k.mu.Lock()
	defer k.mu.Unlock()
	if err := k.list(r.Context(), p.Store, ref); err != nil {
		return nil, err
	}
	return k.versions, nil
}

// deprecatedUses lists the same consumers, with the deprecated parts of a contract that each
// uses.
func (p *pages) deprecatedUses(r *dashboard.Request, ref contracts.APIRef, contract *openapi.Contract) (shown []consumer, err error) {
	k := p.shared.api(r.Inventory, ref)
	k.mu.Lock()
	defer k.mu.Unlock()
	if err := k.list(r.Context(), p.Store, ref); err != nil {
		return nil, err
	}
	if k.contract == nil {
		parts := impact.DeprecatedIn(contract)
		for i := range k.consumers {
			if k.consumers[i].deprecated, err = parts.UsedBy(r.Context(), k.consumers[i].Usage); err != nil {
				return nil, err
			}
		}
		k.contract = contract
	}
	for i := range k.consumers {
		if r.Sees(k.consumers[i].Repository.ID) {
			shown = append(shown, k.consumers[i])
		}
	}
	return shown, nil
}
