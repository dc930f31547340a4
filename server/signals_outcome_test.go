package server_test

// signalOutcomes are what each scene of TestSignals ends with: the name of a golden page or
// an outcome.
var signalOutcomes = map[string]string{
	"changed-operation": `
		acme/orders pull 1 (merged)
		comment by plimsoll[bot]: ✅ errors orders production throughput 0.0399 0.0075 0.279 19.5 2
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders pull 2 (merged)
		comment by plimsoll[bot]: ❌ errors orders production 0.2 1.33 1,177 7 0.193 0.95 1,177 7; ⏪ commit1; -
		check plimsoll/contracts: success: 1 ×2
		check plimsoll/readiness: success: 4; 8; orders 4 8 4; 4; # ×4
		acme/orders: commit commit1
		check plimsoll/deploy: success: ✅ errors orders production throughput 0.0399 0.0075 0.279 19.5 2; errors 0.195 80,893 0.186 36,178 0.0399 0.2; client errors 0 80,893 0 36,178 0.0075 5; slow requests (above 500ms) 5 80,893 5.03 36,178 0.279 2.5; throughput 1,348 1,447 19.5 30; GET /healthz 2 2; GET /version 2 2
		acme/orders: commit commit2
		check plimsoll/deploy: failure: 0.2; 1.33; ❌ errors orders production 0.2 1.33 1,177 7 0.193 0.95 1,177 7; ⏪ commit1; -; errors 0.193 81,782 0.95 5,136 1,177 7; client errors 0 81,782 0 5,136 0.0527 5; slow requests (above 500ms) 5.01 81,782 5.62 5,136 1.2 2.5; throughput 1,363 1,712 1.48 30; GET /orders/{id}: errors 0.2 57,277 1.33 3,542 1,177 7; GET /orders/{id}: slow requests (above 500ms) 5.02 57,277 5.85 3,542 1.53 2.51; 02 11 34 11 59 02 12 05 12 40; -; GET /healthz 4 4; GET /version 4 4; [rollback]
		acme/orders: deployment of commit2 to production: deploy, by bob
		status failure`,
	"doubled-and-restarted": `
		acme/orders pull 1 (merged)
		comment by plimsoll[bot]: ❌ errors orders production 0.199 1.68 1,188 7; -
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders: commit commit1
		check plimsoll/deploy: failure: 0.199; 1.68; ❌ errors orders production 0.199 1.68 1,188 7; -; errors 0.199 88,269 1.68 4,580 1,188 7; client errors 0 88,269 0 4,580 0.059 5; slow requests (above 500ms) 4.99 88,269 4.47 4,580 0.058 2.5; throughput 1,471 1,527 27.9 30; GET /healthz 4 4; GET /version 4 4
		acme/orders: deployment of commit1 to production: deploy, by bob
		status failure`,
	"error-step": "verify/signals/error-step.md",
	"harmless": `
		acme/orders pull 1 (merged)
		comment by plimsoll[bot]: ✅ errors orders production throughput 0.0331 0.0202 0.574 25.7 6
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders: commit commit1
		check plimsoll/deploy: success: ✅ errors orders production throughput 0.0331 0.0202 0.574 25.7 6; errors 0.202 94,046 0.161 13,387 0.0331 0.2; client errors 0 94,046 0 13,387 0.0202 5; slow requests (above 500ms) 4.72 94,046 4.94 13,387 0.574 2.36; throughput 1,567 1,487 25.7 30; GET /healthz 6 6; GET /version 6 6`,
	"latency": `
		acme/orders pull 1 (merged)
		comment by plimsoll[bot]: ❌ orders production 4.95 12.4 1,188 7; -
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders: commit commit1
		check plimsoll/deploy: failure: 500; 4.95; 12.4; ❌ orders production 4.95 12.4 1,188 7; -; errors 0.167 92,362 0.185 4,326 0.162 0.2; client errors 0 92,362 0 4,326 0.0625 5; slow requests (above 500ms) 4.95 92,362 12.4 4,326 1,188 7; throughput 1,539 1,442 33.5 30; GET /healthz 4 4; GET /version 4 4
		acme/orders: deployment of commit1 to production: deploy, by bob
		status failure`,
	"no-history-and-worse": `
		acme/orders pull 1 (merged)
		comment by plimsoll[bot]: ⚠️ errors orders production 0.199 0.971
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders: commit commit1
		check plimsoll/deploy: action_required: 0.199; 0.971; ⚠️ errors orders production 0.199 0.971; errors 0.199 90,068 0.971 36,253; client errors 0 90,068 0 36,253; slow requests (above 500ms) 4.87 90,068 5.07 36,253; throughput 1,501 1,511; GET /healthz 11 11; GET /version 11 11`,
	"no-history-beyond-limits": `
		acme/orders pull 1 (merged)
		comment by plimsoll[bot]: ❌ errors orders production 6.88 5 6 34.7 564 5 0.214 7.02; -
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders: commit commit1
		check plimsoll/deploy: failure: 6.88; 5; 6; ❌ errors orders production 6.88 5 6 34.7 564 5 0.214 7.02; -; errors 0.214 89,146 7.02 9,778; client errors 0 89,146 0 9,778; slow requests (above 500ms) 5.01 89,146 4.91 9,778; throughput 1,486 1,630; GET /healthz 5 5; GET /version 5 5
		acme/orders: deployment of commit1 to production: deploy, by bob
		status failure`,
	"no-history-with-limits": `
		acme/orders pull 1 (merged)
		comment by plimsoll[bot]: ✅ errors orders production throughput 2 40 24 11
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders: commit commit1
		check plimsoll/deploy: success: ✅ errors orders production throughput 2 40 24 11; errors 0.204 97,350 0.196 35,882; client errors 0 97,350 0 35,882; slow requests (above 500ms) 4.96 97,350 4.91 35,882; throughput 1,622 1,495; GET /healthz 11 11; GET /version 11 11`,
	"no-history": `
		acme/orders pull 1 (merged)
		comment by plimsoll[bot]: ✅ errors orders production throughput 2 40 24 11
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders: commit commit1
		check plimsoll/deploy: success: ✅ errors orders production throughput 2 40 24 11; errors 0.204 97,350 0.196 35,882; client errors 0 97,350 0 35,882; slow requests (above 500ms) 4.96 97,350 4.91 35,882; throughput 1,622 1,495; GET /healthz 11 11; GET /version 11 11`,
	"no-traffic": `
		acme/orders pull 1 (merged)
		comment by plimsoll[bot]: ❔ errors orders production 11
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders: commit commit1
		check plimsoll/deploy: neutral: ❔ errors orders production 11; errors; client errors; throughput 0 0; -; GET /healthz 11 11; GET /version 11 11`,
	"restart-blip": `
		acme/orders pull 1 (merged)
		comment by plimsoll[bot]: ✅ errors orders production throughput 0.0148 0.0169 0.233 11.8 6
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders: commit commit1
		check plimsoll/deploy: success: ✅ errors orders production throughput 0.0148 0.0169 0.233 11.8 6; errors 0.238 95,827 0.18 16,024 0.0148 0.2; client errors 0 95,827 0 16,024 0.0169 5; slow requests (above 500ms) 4.95 95,827 4.83 16,024 0.233 2.47; throughput 1,597 1,780 11.8 30; GET /healthz 6 6; GET /version 6 6`,
	"rollback-does-not-help": `
		acme/orders pull 1 (merged)
		comment by plimsoll[bot]: ❌ errors orders production 0.198 1.92 1,166 7; -
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders pull 2 (merged)
		comment by plimsoll[bot]: ❌ errors orders production 0.204 1.68 1,168 7; -
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders: commit commit1
		check plimsoll/deploy: neutral (replaced)
		check plimsoll/deploy: failure: 0.198; 1.92; ❌ errors orders production 0.198 1.92 1,166 7; -; errors 0.198 93,386 1.92 5,403 1,166 7; client errors 0 93,386 0 5,403 0.05 5; slow requests (above 500ms) 4.96 93,386 5.21 5,403 0.815 2.48; throughput 1,556 1,801 23.4 30; 02 11 03 11 59 02 12 35 12 39; GET /healthz 4 4; GET /version 4 4
		acme/orders: commit commit2
		check plimsoll/deploy: failure: 0.204; 1.68; ❌ errors orders production 0.204 1.68 1,168 7; -; errors 0.204 93,426 1.68 4,580 1,168 7; client errors 0 93,426 0 4,580 0.059 5; slow requests (above 500ms) 4.98 93,426 4.47 4,580 0.082 2.49; throughput 1,557 1,527 38.4 30; 02 11 04 11 59 02 12 35 12 40; GET /healthz 4 4; GET /version 4 4
		acme/orders: deployment of commit2 to production: deploy, by bob
		status failure
		acme/orders: deployment of commit1 to production: deploy, by bob
		status failure`,
	"rollback-helps": `
		acme/orders pull 1 (merged)
		comment by plimsoll[bot]: ✅ errors orders production throughput 0.12 0.0189 0.307 24.9 6
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders pull 2 (merged)
		comment by plimsoll[bot]: ❌ errors orders production 0.234 1.67 1,177 7; ⏪ commit1; -
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders: commit commit1
		check plimsoll/deploy: success (replaced)
		check plimsoll/deploy: success: ✅ errors orders production throughput 0.12 0.0189 0.307 24.9 6; errors 0.228 100,595 0.257 14,310 0.12 0.2; client errors 0 100,595 0 14,310 0.0189 5; slow requests (above 500ms) 4.99 100,595 4.95 14,310 0.307 2.49; throughput 1,677 1,590 24.9 30; 02 11 33 11 59 02 12 05 12 39; GET /healthz 6 6; GET /version 6 6
		acme/orders: commit commit2
		check plimsoll/deploy: failure: ✅ commit1 orders production; ❌ errors orders production 0.234 1.67 1,177 7; errors 0.234 100,542 1.67 4,349 1,177 7; client errors 0 100,542 0 4,349 0.0622 5; slow requests (above 500ms) 4.99 100,542 5.3 4,349 0.934 2.49; throughput 1,676 1,450 33.4 30; 02 11 34 11 59 02 12 05 12 40; GET /healthz 4 4; GET /version 4 4
		acme/orders: deployment of commit2 to production: deploy, by bob
		status failure`,
	"server-comes-back": `
		acme/orders pull 1 (merged)
		comment by plimsoll[bot]: ❌ errors orders production 0.199 1.71 1,188 7; -
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders: commit commit1
		check plimsoll/deploy: failure: 0.199; 1.71; ❌ errors orders production 0.199 1.71 1,188 7; -; errors 0.199 88,269 1.71 13,707 1,188 7; client errors 0 88,269 0 13,707 0.0197 5; slow requests (above 500ms) 4.99 88,269 4.68 13,707 0.04 2.5; throughput 1,471 1,523 26.3 30; GET /healthz 6 6; GET /version 6 6
		acme/orders: deployment of commit1 to production: deploy, by bob
		status failure`,
	"server-down": "verify/signals/server-down.md",
	"server-goes-away": `
		acme/orders pull 1 (merged)
		comment by plimsoll[bot]: ❔ orders production 502 25 11
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders: commit commit1
		check plimsoll/deploy: neutral: ❔ orders production 502 25 11; errors 0.202 94,046; client errors 0 94,046; slow requests (above 500ms) 4.72 94,046; throughput 1,567; ⚠️ 12 46 00; GET /healthz 11 11; GET /version 11 11`,
	"slow-creep": `
		acme/orders pull 1 (merged)
		comment by plimsoll[bot]: ❌ errors orders production 0.193 0.507 1 1,188 7; -
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders: commit commit1
		check plimsoll/deploy: failure: 0.193; 0.507; ❌ errors orders production 0.193 0.507 1 1,188 7; -; errors 0.193 88,269 0.507 4,580 1 1,188 7; client errors 0 88,269 0 4,580 0.059 5; slow requests (above 500ms) 4.99 88,269 4.47 4,580 0.058 2.5; throughput 1,471 1,527 27.9 30; GET /healthz 4 4; GET /version 4 4
		acme/orders: deployment of commit1 to production: deploy, by bob
		status failure`,
	"superseded": `
		acme/orders pull 1 (merged)
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders pull 2 (merged)
		comment by plimsoll[bot]: ✅ errors orders production throughput 0.0811 0.0195 0.589 21.7 6
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders: commit commit1
		check plimsoll/deploy: neutral: ⏭️ orders production; GET /healthz 2 2; GET /version 2 2
		acme/orders: commit commit2
		check plimsoll/deploy: success: ✅ errors orders production throughput 0.0811 0.0195 0.589 21.7 6; errors 0.199 93,663 0.202 13,867 0.0811 0.2; client errors 0 93,663 0 13,867 0.0195 5; slow requests (above 500ms) 4.73 93,663 4.96 13,867 0.589 2.36; throughput 1,561 1,541 21.7 30; 02 11 39 12 39; GET /healthz 6 6; GET /version 6 6`,
	"traffic-loss": `
		acme/orders pull 1 (merged)
		comment by plimsoll[bot]: ❌ orders production throughput 1,594 632 1,188 7; -
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders: commit commit1
		check plimsoll/deploy: failure: 1,594; 632; ❌ orders production throughput 1,594 632 1,188 7; -; errors 0.199 95,663 0.0844 1,895 0.0938 0.2; client errors 0 95,663 0 1,895 0.143 5; slow requests (above 500ms) 4.95 95,663 5.02 1,895 0.994 2.47; throughput 1,594 632 1,188 7; GET /healthz 4 4; GET /version 4 4
		acme/orders: deployment of commit1 to production: deploy, by bob
		status failure`,
	"unknown-server": `
		acme/orders pull 1 (merged)
		comment by plimsoll[bot]: ❔ orders other production 11
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders: commit commit1
		check plimsoll/deploy: neutral: ❔ orders other production 11; ⚠️ other; GET /healthz 11 11; GET /version 11 11`,
	"unknown-service": `
		acme/orders pull 1 (merged)
		comment by plimsoll[bot]: ❔ orders production 11
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders: commit commit1
		check plimsoll/deploy: neutral: ❔ orders production 11; ⚠️; GET /healthz 11 11; GET /version 11 11`,
	"vanished": "verify/signals/vanished.md",
}
