package store

import (
	"fmt"
	"strings"
	"testing"
)

func TestDecodedUsagesAreBounded(t *testing.T) {
	u := newUsages()
	body := func(i int) string {
		return fmt.Sprintf(`{"via":"%d %s","evidence":{"kind":"declared"}}`, i, strings.Repeat("x", maxUsageBytes/4))
	}
	for i := range 10 {
		usage, err := u.of(fmt.Sprint(i), body(i))
		if err != nil || !strings.HasPrefix(usage.Via, fmt.Sprint(i)) {
			t.Fatalf("usage %d: %.10q, %v", i, usage.Via, err)
		}
		if entries, bytes := u.decoded.Stats(); bytes > maxUsageBytes || entries > 3 {
			t.Errorf("%d usages of %d bytes are kept", entries, bytes)
		}
	}
	if usage, err := u.of("9", "not read again"); err != nil || !strings.HasPrefix(usage.Via, "9 ") {
		t.Errorf("what was decoded last is not kept: %.10q, %v", usage.Via, err)
	}
	if usage, err := u.of("0", body(100)); err != nil || !strings.HasPrefix(usage.Via, "100 ") {
		t.Errorf("what was decoded first is still kept: %.10q, %v", usage.Via, err)
	}
	if _, err := u.of("bad", "{"); err == nil {
		t.Error("a body that can't be decoded is accepted")
	}
	if _, ok := u.known("bad"); ok {
		t.Error("a body that can't be decoded is kept")
	}
}
