-- name: InsertDelivery :execrows
INSERT INTO deliveries (id, installation, repository, event, headers, body, job, ignored, received_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (id) DO NOTHING;

-- name: SetDeliveryJob :exec
UPDATE deliveries SET job = $2 WHERE id = $1;

-- name: MoveDeliveries :exec
UPDATE deliveries SET job = $2 WHERE job = $1;

-- name: GetDelivery :one
SELECT * FROM deliveries WHERE id = $1;

-- name: DeliveryStored :one
SELECT COUNT(*) FROM deliveries WHERE id = $1;

-- name: PutAskedDelivery :exec
INSERT INTO asked_deliveries (id, at) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET at = excluded.at;

-- name: DeliveryAsked :one
SELECT COUNT(*) FROM asked_deliveries WHERE id = $1;

-- name: PruneAskedDeliveries :execrows
DELETE FROM asked_deliveries WHERE at < $1;

-- name: DeadJobOfDelivery :one
SELECT j.id FROM deliveries d JOIN jobs j ON j.id = d.job WHERE d.id = $1 AND j.state = 'dead';

-- name: ListDeliveriesOfJob :many
SELECT id, installation, repository, event, received_at FROM deliveries WHERE job = $1 ORDER BY received_at, id;

-- name: PruneDeliveries :execrows
DELETE FROM deliveries
WHERE deliveries.received_at < $1
  AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.id = deliveries.job AND j.state <> 'done');
