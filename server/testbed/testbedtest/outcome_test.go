package testbedtest

import (
	"slices"
	"strings"
	"testing"
)

const page = "# acme/shop: pull request 1: Change (price) (open)\n" +
	"ana wants to merge acme:drop-price into main\n\n" +
	"## comment by plimsoll[bot] (edited 1×)\n" +
	"    ❌ **2 consumers break**\n\n" +
	"    - ❌ **`web`** breaks ([`.github/plimsoll.yml:9`](https://github.test/x#L9)), live in `production` at [`44e658e`](https://github.test/c/44e658e).\n" +
	"    cc @acme/web\n" +
	"    <details><summary>1 thing</summary>\n\n    - **`folded`** away\n\n    </details>\n\n" +
	"## comment by ana\n    /plimsoll ack d12651 it goes away\n    reactions: :+1: by plimsoll[bot]\n\n" +
	"## check plimsoll/contracts: failure\nexternal id: pr/1\ntitle: 2 consumers break: web\nsummary:\n" +
	"    - ❌ **`web`** breaks, live at [`44e658e`](https://github.test/c/44e658e).\n\n" +
	"    | Change | Line | Consumers |\n    |---|---|---|\n    | ❌ removed `price` | `openapi.yaml:19` | breaks `web` |\n" +
	"text:\n    ### ❌ Removed `price`\n\n    - ❌ **`web`** breaks.\n" +
	"annotation openapi.yaml:17 (column 19 to 19) failure: Breaks 2 consumers: Removed price.\n    web: reads price.\n" +
	"button [Re-check] Check this pull request again (recheck)\n\n" +
	"# acme/shop: deployment of 44e658e38e51e1d5c8b7a2c766d5ddd9b2aed138 to production: deploy, by bob\n" +
	"status failure: Roll back https://plimsoll.test/1\n" +
	"gate production report: ⏳ **Not yet to `production`**\n\n- `shop`: still watched in `staging`.\n"

func TestHappened(t *testing.T) {
	want := []string{
		"acme/shop pull 1 (open)",
		"comment by plimsoll[bot] (edited 1×): ❌ 2; ❌ .github/plimsoll.yml:9 commit1 production web; cc @acme/web; 1",
		"comment by ana: /plimsoll ack d12651 it goes away; :+1:",
		"check plimsoll/contracts: failure: 2; ❌ commit1 web; ❌ openapi.yaml:19 price web; #❌; openapi.yaml:17 failure; [recheck]",
		"acme/shop: deployment of commit1 to production: deploy, by bob",
		"status failure",
		"gate production report: ⏳ production; shop staging",
	}
	if got := happened(page); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	reworded := strings.NewReplacer("breaks", "stops working", "live in", "running in", "**Not yet to", "**Wait before", "still watched in", "under watch in").Replace(page)
	if got := happened(reworded); !slices.Equal(got, want) {
		t.Errorf("other words make another outcome:\n%s", strings.Join(got, "\n"))
	}
	for what, with := range map[string]string{"failure\nexternal": "success\nexternal", "**`web`** breaks (": "**`app`** breaks (", "openapi.yaml:19": "openapi.yaml:20", "status failure": "status success", "(recheck)": "(ack)"} {
		if got := happened(strings.Replace(page, what, with, 1)); slices.Equal(got, want) {
			t.Errorf("%q instead of %q is not seen", with, what)
		}
	}
}
