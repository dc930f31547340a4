package server_test

// signalOutcomes are what each scene of TestSignals ends with: the name of a golden page or
// an outcome.
var signalOutcomes = map[string]string{
	"changed-operation": `
		acme/orders pull 1 (merged)
		comment by plimsoll[bot]: ✅ errors orders production throughput 0.0451 0.0075 0.404 23.1 2
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders pull 2 (merged)
		comment by plimsoll[bot]: ❌ errors orders production 0.187 1.33 1,186 7 0.192 0.95 1,186 7; ⏪ commit1; -
		check plimsoll/contracts: success: 1 ×2
		check plimsoll/readiness: success: 4; 8; orders 4 8 4; 4; # ×4
		acme/orders: commit commit1
		check plimsoll/deploy: success: ✅ errors orders production throughput 0.0451 0.0075 0.404 23.1 2; errors 0.194 38,741 0.186 36,178 0.0451 0.2; client errors 0 38,741 0 36,178 0.0075 5; slow requests (above 500ms) 4.91 38,741 5.03 36,178 0.404 2.45; throughput 1,291 1,447 23.1 30; GET /healthz 2 2; GET /version 2 2
		acme/orders: commit commit2
		check plimsoll/deploy: failure: 0.187; 1.33; ❌ errors orders production 0.187 1.33 1,186 7 0.192 0.95 1,186 7; ⏪ commit1; -; errors 0.192 42,074 0.95 5,136 1,186 7; client errors 0 42,074 0 5,136 0.0527 5; slow requests (above 500ms) 5.1 42,074 5.62 5,136 1.13 2.5; throughput 1,402 1,712 0.302 30; GET /orders/{id}: errors 0.187 29,514 1.33 3,542 1,186 7; GET /orders/{id}: slow requests (above 500ms) 5.1 29,514 5.85 3,542 1.46 2.51; -; GET /healthz 4 4; GET /version 4 4; [rollback]
		acme/orders: deployment of commit2 to production: deploy, by bob
		status failure`,
	"doubled-and-restarted": `
		acme/orders pull 1 (merged)
		comment by plimsoll[bot]: ❌ errors orders production 0.22 1.68 1,196 7; -
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders: commit commit1
		check plimsoll/deploy: failure: 0.22; 1.68; ❌ errors orders production 0.22 1.68 1,196 7; -; errors 0.22 40,663 1.68 4,580 1,196 7; client errors 0 40,663 0 4,580 0.059 5; slow requests (above 500ms) 4.97 40,663 4.47 4,580 0.0849 2.48; throughput 1,355 1,527 20.1 30; GET /healthz 4 4; GET /version 4 4
		acme/orders: deployment of commit1 to production: deploy, by bob
		status failure`,
	"error-step": "verify/signals/error-step.md",
	"harmless": `
		acme/orders pull 1 (merged)
		comment by plimsoll[bot]: ✅ errors orders production throughput 0.045 0.0228 0.692 24.9 6
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders: commit commit1
		check plimsoll/deploy: success: ✅ errors orders production throughput 0.045 0.0228 0.692 24.9 6; errors 0.204 50,270 0.161 13,387 0.045 0.2; client errors 0 50,270 0 13,387 0.0228 5; slow requests (above 500ms) 4.66 50,270 4.94 13,387 0.692 2.33; throughput 1,676 1,487 24.9 30; GET /healthz 6 6; GET /version 6 6`,
	"latency": `
		acme/orders pull 1 (merged)
		comment by plimsoll[bot] (edited 1×): ❌ orders production 5.01 12.4 1,196 7; -
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders: commit commit1
		check plimsoll/deploy: failure: 500; 5.01; 12.4; ❌ orders production 5.01 12.4 1,196 7; -; errors 0.189 46,930 0.185 4,326 0.146 0.2; client errors 0 46,930 0 4,326 0.0625 5; slow requests (above 500ms) 5.01 46,930 12.4 4,326 1,196 7; throughput 1,564 1,442 35.5 30; GET /healthz 4 4; GET /version 4 4
		acme/orders: deployment of commit1 to production: deploy, by bob
		status failure`,
	"no-history-and-worse": `
		acme/orders pull 1 (merged)
		comment by plimsoll[bot]: ⚠️ errors orders production 0.211 0.971
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders: commit commit1
		check plimsoll/deploy: action_required: 0.211; 0.971; ⚠️ errors orders production 0.211 0.971; errors 0.211 46,972 0.971 36,253; client errors 0 46,972 0 36,253; slow requests (above 500ms) 4.96 46,972 5.07 36,253; throughput 1,566 1,511; GET /healthz 11 11; GET /version 11 11`,
	"no-history-beyond-limits": `
		acme/orders pull 1 (merged)
		comment by plimsoll[bot]: ❌ errors orders production 6.88 5 6 34.7 564 5 0.251 7.02; -
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders: commit commit1
		check plimsoll/deploy: failure: 6.88; 5; 6; ❌ errors orders production 6.88 5 6 34.7 564 5 0.251 7.02; -; errors 0.251 42,717 7.02 9,778; client errors 0 42,717 0 9,778; slow requests (above 500ms) 4.95 42,717 4.91 9,778; throughput 1,424 1,630; GET /healthz 5 5; GET /version 5 5
		acme/orders: deployment of commit1 to production: deploy, by bob
		status failure`,
	"no-history-with-limits": `
		acme/orders pull 1 (merged)
		comment by plimsoll[bot]: ✅ errors orders production throughput 2 40 24 11
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders: commit commit1
		check plimsoll/deploy: success: ✅ errors orders production throughput 2 40 24 11; errors 0.225 51,444 0.196 35,882; client errors 0 51,444 0 35,882; slow requests (above 500ms) 4.92 51,444 4.91 35,882; throughput 1,715 1,495; GET /healthz 11 11; GET /version 11 11`,
	"no-history": `
		acme/orders pull 1 (merged)
		comment by plimsoll[bot]: ✅ errors orders production throughput 2 40 24 11
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders: commit commit1
		check plimsoll/deploy: success: ✅ errors orders production throughput 2 40 24 11; errors 0.225 51,444 0.196 35,882; client errors 0 51,444 0 35,882; slow requests (above 500ms) 4.92 51,444 4.91 35,882; throughput 1,715 1,495; GET /healthz 11 11; GET /version 11 11`,
	"no-traffic": `
		acme/orders pull 1 (merged)
		comment by plimsoll[bot]: ❔ errors orders production 11
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders: commit commit1
		check plimsoll/deploy: neutral: ❔ errors orders production 11; errors; client errors; throughput 0 0; -; GET /healthz 11 11; GET /version 11 11`,
	"restart-blip": `
		acme/orders pull 1 (merged)
		comment by plimsoll[bot]: ✅ errors orders production throughput 0.019 0.224 13.4 6
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders: commit commit1
		check plimsoll/deploy: success: ✅ errors orders production throughput 0.019 0.224 13.4 6; errors 0.284 46,126 0.18 16,024; client errors 0 46,126 0 16,024 0.019 5; slow requests (above 500ms) 4.95 46,126 4.83 16,024 0.224 2.47; throughput 1,538 1,780 13.4 30; GET /healthz 6 6; GET /version 6 6`,
	"rollback-does-not-help": `
		acme/orders pull 1 (merged)
		comment by plimsoll[bot]: ❌ errors orders production 0.194 1.92 1,173 7; -
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders pull 2 (merged)
		comment by plimsoll[bot]: ❌ errors orders production 0.207 1.68 1,176 7; -
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders: commit commit1
		check plimsoll/deploy: neutral (replaced)
		check plimsoll/deploy: failure: 0.194; 1.92; ❌ errors orders production 0.194 1.92 1,173 7; -; errors 0.194 47,854 1.92 5,403 1,173 7; client errors 0 47,854 0 5,403 0.05 5; slow requests (above 500ms) 4.94 47,854 5.21 5,403 0.853 2.47; throughput 1,595 1,801 23.5 30; 02 11 33 11 59 02 12 35 12 39; GET /healthz 4 4; GET /version 4 4
		acme/orders: commit commit2
		check plimsoll/deploy: failure: 0.207; 1.68; ❌ errors orders production 0.207 1.68 1,176 7; -; errors 0.207 47,544 1.68 4,580 1,176 7; client errors 0 47,544 0 4,580 0.059 5; slow requests (above 500ms) 4.92 47,544 4.47 4,580 0.156 2.46; throughput 1,585 1,527 37.9 30; 02 11 34 11 59 02 12 35 12 40; GET /healthz 4 4; GET /version 4 4
		acme/orders: deployment of commit2 to production: deploy, by bob
		status failure
		acme/orders: deployment of commit1 to production: deploy, by bob
		status failure`,
	"rollback-helps": `
		acme/orders pull 1 (merged)
		comment by plimsoll[bot]: ✅ errors orders production throughput 0.144 0.0215 0.369 8.75 6
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders pull 2 (merged)
		comment by plimsoll[bot]: ❌ errors orders production 0.235 1.67 1,186 7; ⏪ commit1; -
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders: commit commit1
		check plimsoll/deploy: success (replaced)
		check plimsoll/deploy: success: ✅ errors orders production throughput 0.144 0.0215 0.369 8.75 6; errors 0.227 44,035 0.257 14,310 0.144 0.2; client errors 0 44,035 0 14,310 0.0215 5; slow requests (above 500ms) 4.98 44,035 4.95 14,310 0.369 2.49; throughput 1,468 1,590 8.75 30; 02 12 09 12 39; GET /healthz 6 6; GET /version 6 6
		acme/orders: commit commit2
		check plimsoll/deploy: failure: ✅ commit1 orders production; ❌ errors orders production 0.235 1.67 1,186 7; errors 0.235 43,881 1.67 4,349 1,186 7; client errors 0 43,881 0 4,349 0.0622 5; slow requests (above 500ms) 4.95 43,881 5.3 4,349 0.993 2.47; throughput 1,463 1,450 17.8 30; GET /healthz 4 4; GET /version 4 4
		acme/orders: deployment of commit2 to production: deploy, by bob
		status failure`,
	"server-comes-back": `
		acme/orders pull 1 (merged)
		comment by plimsoll[bot]: ❌ errors orders production 0.22 1.71 1,196 7; -
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders: commit commit1
		check plimsoll/deploy: failure: 0.22; 1.71; ❌ errors orders production 0.22 1.71 1,196 7; -; errors 0.22 40,663 1.71 13,707 1,196 7; client errors 0 40,663 0 13,707 0.0225 5; slow requests (above 500ms) 4.97 40,663 4.68 13,707 0.0917 2.48; throughput 1,355 1,523 19.5 30; GET /healthz 6 6; GET /version 6 6
		acme/orders: deployment of commit1 to production: deploy, by bob
		status failure`,
	"server-down": "verify/signals/server-down.md",
	"server-goes-away": `
		acme/orders pull 1 (merged)
		comment by plimsoll[bot]: ❔ orders production 502 25 11
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders: commit commit1
		check plimsoll/deploy: neutral: ❔ orders production 502 25 11; errors 0.204 50,270; client errors 0 50,270; slow requests (above 500ms) 4.66 50,270; throughput 1,676; ⚠️ 12 46 00; GET /healthz 11 11; GET /version 11 11`,
	"slow-creep": `
		acme/orders pull 1 (merged)
		comment by plimsoll[bot]: ❌ errors orders production 0.207 0.507 1 1,196 7; -
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders: commit commit1
		check plimsoll/deploy: failure: 0.207; 0.507; ❌ errors orders production 0.207 0.507 1 1,196 7; -; errors 0.207 40,663 0.507 4,580 1 1,196 7; client errors 0 40,663 0 4,580 0.059 5; slow requests (above 500ms) 4.97 40,663 4.47 4,580 0.0849 2.48; throughput 1,355 1,527 20.1 30; GET /healthz 4 4; GET /version 4 4
		acme/orders: deployment of commit1 to production: deploy, by bob
		status failure`,
	"superseded": `
		acme/orders pull 1 (merged)
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders pull 2 (merged)
		comment by plimsoll[bot]: ✅ errors orders production throughput 0.0717 0.0222 0.513 26.6 6
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders: commit commit1
		check plimsoll/deploy: neutral: ⏭️ orders production; GET /healthz 2 2; GET /version 2 2
		acme/orders: commit commit2
		check plimsoll/deploy: success: ✅ errors orders production throughput 0.0717 0.0222 0.513 26.6 6; errors 0.202 50,330 0.202 13,867 0.0717 0.2; client errors 0 50,330 0 13,867 0.0222 5; slow requests (above 500ms) 4.67 50,330 4.96 13,867 0.513 2.33; throughput 1,678 1,541 26.6 30; 02 12 09 12 39; GET /healthz 6 6; GET /version 6 6`,
	"traffic-loss": `
		acme/orders pull 1 (merged)
		comment by plimsoll[bot]: ❌ orders production throughput 1,532 632 1,196 7; -
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders: commit commit1
		check plimsoll/deploy: failure: 1,532; 632; ❌ orders production throughput 1,532 632 1,196 7; -; errors 0.204 45,962 0.0844 1,895 0.0907 0.2; client errors 0 45,962 0 1,895 0.143 5; slow requests (above 500ms) 4.94 45,962 5.02 1,895 0.999 2.47; throughput 1,532 632 1,196 7; GET /healthz 4 4; GET /version 4 4
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
